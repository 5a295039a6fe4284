import { describe, expect, test } from '@jest/globals'
import { said } from './spec-fixture.ts'

/** Broken files, and all that is said of each. */
const BROKEN: [name: string, text: string, says: string[]][] = [
  ['empty', ``, ['1:1: the spec is empty; docs/spec.md shows what one looks like.']],
  [
    'nothing but comments',
    `# soon
---
`,
    ['1:1: the spec is empty; docs/spec.md shows what one looks like.'],
  ],
  [
    'an empty map',
    `{}
`,
    ['1:1: the spec is empty; docs/spec.md shows what one looks like.'],
  ],
  [
    'a list',
    `- connections
`,
    ['1:1: the spec must be a map, not a list.'],
  ],
  [
    'a text',
    `pipelines.yml
`,
    ['1:1: the spec must be a map, not text.'],
  ],
  [
    'two documents',
    `views: {}
---
views: {}
`,
    ['2:1: a second document begins; a spec is one document without --- in it.'],
  ],
  [
    'indented with a tab',
    `views:
	a: { sql: SELECT 1 }
`,
    ['2:1: a tab is used for indentation; YAML takes blanks only.'],
  ],
  [
    'a bracket not closed',
    `sources:
  s: { topic: t
views: {}
`,
    ['3:1: the indentation does not fit what is before it, or a bracket is not closed.'],
  ],
  [
    'a quote not closed',
    `defaults:
  owner: "etl
`,
    ['2:10: this quote is not closed.'],
  ],
  [
    'two colons in a line',
    `views:
  v: { sql: SELECT 1 }
defaults: owner: etl
`,
    [
      '3:11: a second “key: value” begins in one line; begin a new line, or put the text in quotes.',
    ],
  ],
  [
    'a backslash in double quotes',
    `defaults:
  owner: "a\\qb"
`,
    [
      '2:12: a backslash in double quotes begins nothing that YAML knows; double it, or use single quotes.',
    ],
  ],
  [
    'tags',
    `views: !!map
  v: { sql: !sql SELECT 1 }
`,
    [
      '2 things are wrong with the spec:',
      '1:8: a tag is not taken here; leave it out.',
      '2:13: a tag is not taken here; leave it out.',
    ],
  ],
  [
    'a %YAML line',
    `%YAML 1.1
---
views: {}
`,
    ['1:1: a %YAML line is not taken; leave it out.'],
  ],
  [
    'an alias without anchor',
    `defaults:
  owner: *etl
`,
    ['2:10: this alias has no anchor before it; a text that begins with * needs quotes.'],
  ],
  [
    'a merge of text',
    `views:
  v: { sql: SELECT 1, <<: x }
`,
    ['2:27: views.v merges something that is no map; give << an alias of a map.'],
  ],
  [
    'unknown keys',
    `conections: {}
connections:
  k: {}
sources:
  s: { conection: k, topic: t, frmat: json }
  t: { connection: k, topic: t, retention: 1 }
`,
    [
      '5 things are wrong with the spec:',
      '1:1: conections is no key of the spec; did you mean connections?',
      '5:3: sources.s.connection is missing.',
      '5:8: sources.s.conection is no key of a source; did you mean connection?',
      '5:32: sources.s.frmat is no key of a source; did you mean format?',
      '6:33: sources.t.retention is no key of a source; allowed: connection, topic, format, key-format, value-format, include, envelope, columns, start-offsets, start-timestamp, copy-first, group-id-prefix, metadata-refresh-interval, progress, retain-history, timestamp-interval, canary, cluster, comment, owner, grants.',
    ],
  ],
  [
    'wrong types',
    `connections: [k]
clusters:
  c: { size: 25, replication-factor: two }
  d: 25cc
  e:
views: null
sources: { 1: { connection: true, topic: [t] } }
defaults: { grants: { to: a }, owner: ~ }
`,
    [
      '10 things are wrong with the spec:',
      '1:14: connections must be a map of connections by name, not a list.',
      '3:14: clusters.c.size must be text, not a number; put it in quotes.',
      '3:38: clusters.c.replication-factor must be a whole number, not text.',
      '4:6: clusters.d must be a map, not text.',
      '5:3: clusters.e must be a map, not nothing.',
      '6:8: views must be a map of views by name, not nothing.',
      '7:29: sources.1.connection must be text, not true or false; put it in quotes.',
      '7:42: sources.1.topic must be text, not a list.',
      '8:21: defaults.grants must be a list, not a map.',
      '8:39: defaults.owner must be text, not nothing.',
    ],
  ],
  [
    'keys that are no text',
    `views:
  [a]: { sql: SELECT 1 }
  ~: { sql: SELECT 1 }
  "": { sql: SELECT 1 }
`,
    [
      '3 things are wrong with the spec:',
      '2:3: views has a key that is no text.',
      '3:3: views has a key that is no text.',
      '4:3: views: the key "" has an empty name; allowed: 1 to 255 bytes of UTF-8.',
    ],
  ],
]

describe('what is said of a file that is', () => {
  test.each(BROKEN)('%s', (_, text, says) => {
    expect(said(text)).toEqual(says)
  })
})
