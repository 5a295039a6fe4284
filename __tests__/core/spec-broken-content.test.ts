import { describe, expect, test } from '@jest/globals'
import { said } from './spec-fixture.ts'

/** Broken files, and all that is said of each. */
const BROKEN: [name: string, text: string, says: string[]][] = [
  [
    'keys given twice',
    `views:
  v: { sql: SELECT 1, owner: a, owner: b }
  w: { sql: SELECT 1 }
  v: { sql: SELECT 2 }
views: {}
`,
    [
      '3 things are wrong with the spec:',
      '2:33: views.v.owner is given twice, first in line 2.',
      '4:3: views.v is given twice, first in line 2.',
      '5:1: views is given twice, first in line 1.',
    ],
  ],
  [
    'one name for several objects',
    `connections:
  k: { kafka: { brokers: [b], username: me, password: { env: KAFKA_PASSWORD } } }
sources:
  s: { connection: k, topic: t }
  k_password: { connection: k, topic: t }
views:
  s: { sql: SELECT 1 }
sinks:
  k: { from: s, connection: k, topic: o }
`,
    [
      '3 things are wrong with the spec:',
      '5:3: sources.k_password has the name "k_password" of a secret of connections.k in line 2; objects of one schema need different ones.',
      '7:3: views.s has the name "s" of sources.s in line 4; objects of one schema need different ones.',
      '9:3: sinks.k has the name "k" of connections.k in line 2; objects of one schema need different ones.',
    ],
  ],
  [
    'bad choices',
    `connections:
  k: { kafka: { brokers: [b], protocol: sasl_ssl, mechanism: SCRAM } }
sources:
  s: { connection: k, topic: t, format: avro, grants: [{ to: a, privileges: [usage] }] }
sinks:
  o: { from: s, connection: k, topic: o, format: jsn, envelope: upset }
defaults: { grants: [{ to: a, privileges: [insert] }, { to: a, privileges: [] }] }
`,
    [
      '9 things are wrong with the spec:',
      '2:41: connections.k.kafka.protocol "sasl_ssl" is not a word it knows; allowed: SASL_SSL, SSL, SASL_PLAINTEXT or PLAINTEXT (did you mean SASL_SSL?).',
      '2:62: connections.k.kafka.mechanism "SCRAM" is not a word it knows; allowed: SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN.',
      '4:41: sources.s.format "avro" needs options; write { avro: … }.',
      '4:78: sources.s.grants.privileges "usage" is not a word it knows; allowed: select.',
      '6:50: sinks.o.format "jsn" is not a word it knows; allowed: bytes, text, json or { avro: … } (did you mean json?).',
      '6:65: sinks.o.envelope "upset" is not a word it knows; allowed: debezium or upsert (did you mean upsert?).',
      '7:44: defaults.grants.privileges "insert" is not a word it knows; allowed: select, usage or create.',
      '7:61: the role "a" has grants twice in one list; give it all its privileges at once.',
      '7:76: defaults.grants.privileges is empty; give at least one entry.',
    ],
  ],
  [
    'bad topics',
    `connections:
  k: {}
topics:
  a b: { connection: k, partitions: 0, replication-factor: 1.5, config: { "x y": 1, retention.ms: , z: [1] } }
sources:
  s: { connection: k, topic: .. }
`,
    [
      '7 things are wrong with the spec:',
      '4:3: topics: the key "a b" is not a topic name; allowed: 1 to 249 letters, digits, dots, underscores and hyphens, and neither . nor ...',
      '4:37: topics."a b".partitions "0" is out of range; allowed: a whole number from 1 to 10000.',
      '4:60: topics."a b".replication-factor "1.5" is not a whole number; allowed: -1 (the broker’s default) or a whole number from 1 to 99.',
      '4:75: topics."a b".config: the key "x y" is not a setting’s name; allowed: letters, digits, dots, underscores and hyphens, and a letter first.',
      '4:85: topics."a b".config."retention.ms" must be text, a number, true or false, not nothing.',
      '4:104: topics."a b".config.z must be text, a number, true or false, not a list.',
      '6:30: sources.s.topic ".." is not a topic name; allowed: 1 to 249 letters, digits, dots, underscores and hyphens, and neither . nor ...',
    ],
  ],
  [
    'missing keys',
    `connections:
  k: { kafka: { username: me } }
clusters: { c: {} }
topics: { t: {} }
sources: { s: {} }
views: { v: {} }
sinks:
  o: { envelope: upsert }
  p: { from: v, connection: k, topic: p, envelope: upsert, key: [] }
`,
    [
      '12 things are wrong with the spec:',
      '2:8: connections.k.kafka.brokers is missing.',
      '2:8: connections.k.kafka.password is missing, and the protocol SASL_SSL needs it (SSL and PLAINTEXT have no login).',
      '3:13: clusters.c.size is missing.',
      '4:11: topics.t.connection is missing.',
      '5:12: sources.s.connection is missing.',
      '5:12: sources.s.topic is missing.',
      '6:10: views.v.sql is missing.',
      '8:3: sinks.o.from is missing.',
      '8:3: sinks.o.connection is missing.',
      '8:3: sinks.o.topic is missing.',
      '8:3: sinks.o.key is missing, and the envelope upsert needs it.',
      '9:60: sinks.p.key is empty, and the envelope upsert needs it.',
    ],
  ],
  [
    'dangling references',
    `connections:
  upstash: {}
  other: {}
topics: { t: { connection: upstsh } }
sources: { s: { connection: kafka, topic: t } }
sinks:
  o: { from: p, connection: Other, topic: o }
  p: { from: '"s', connection: other, topic: p }
  q: { from: upstash, connection: other, topic: p }
`,
    [
      '6 things are wrong with the spec:',
      '4:28: topics.t.connection "upstsh" is not among connections; did you mean "upstash"?',
      '5:29: sources.s.connection "kafka" is not among connections; allowed: "upstash" or "other".',
      '7:14: sinks.o.from is sinks.p, which has no rows to write; name a source, table or materialized view.',
      '7:29: sinks.o.connection "Other" is not among connections; did you mean "other"?',
      '8:14: sinks.p.from "\\"s" has a double quote that is not closed; allowed: "name", with "" for a quote in it.',
      '9:14: sinks.q.from is connections.upstash, which has no rows to write; name a source, table or materialized view.',
    ],
  ],
  [
    'references without connections',
    `sources: { s: { connection: k, topic: t } }
`,
    ['1:29: sources.s.connection "k" is not among connections; none is there.'],
  ],
  [
    'views in circles',
    `views:
  a: { sql: SELECT * FROM b }
  b: { sql: SELECT * FROM c JOIN d USING (x) }
  c: { sql: SELECT * FROM a }
  d: { sql: SELECT * FROM d }
  e: { sql: SELECT * FROM a }
`,
    [
      '2 things are wrong with the spec:',
      '2:13: views.a.sql reads from itself: a reads b reads c reads a.',
      '5:13: views.d.sql reads from itself: d reads d.',
    ],
  ],
  [
    'a sink that feeds its own source',
    `connections:
  k: { kafka: { brokers: [b], protocol: PLAINTEXT } }
  l: { kafka: { brokers: ["b:9092"], protocol: PLAINTEXT } }
  m: {}
sources:
  s: { connection: k, topic: t }
views:
  v: { sql: SELECT * FROM s }
sinks:
  a: { from: s, connection: k, topic: t }
  b: { from: v, connection: l, topic: t }
  c: { from: v, connection: m, topic: t }
`,
    [
      '2 things are wrong with the spec:',
      '10:39: sinks.a.topic is the topic that sources.s reads, which the sink’s rows come from, so that every message would beget another; give another topic.',
      '11:39: sinks.b.topic is the topic that sources.s reads, which the sink’s rows come from, so that every message would beget another; give another topic.',
    ],
  ],
  [
    'variables and files that are not there',
    `connections:
  k: { kafka: { brokers: [b], username: { env: NOT_SET }, password: { env: EMPTY }, ca: { file: no.pem } } }
  l: { kafka: { brokers: [b], username: { env: TWO_LINES }, password: { env: small }, ca: { env: NO_PEM } } }
views:
  v: { sql: { file: bad.sql } }
  w: { sql: { env: KAFKA_PASSWORD } }
`,
    [
      '8 things are wrong with the spec:',
      '2:48: connections.k.kafka.username needs the environment variable NOT_SET, which is not set or empty.',
      '2:76: connections.k.kafka.password needs the environment variable EMPTY, which is not set or empty.',
      '2:97: connections.k.kafka.ca needs the file "no.pem", which cannot be read or is empty.',
      '3:48: connections.l.kafka.username (environment variable TWO_LINES) holds a line break.',
      '3:78: connections.l.kafka.password needs the environment variable named there, which is not set or empty.',
      '3:98: connections.l.kafka.ca (environment variable NO_PEM) holds no certificate; allowed: PEM text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, line by line.',
      '5:21: views.v.sql (file "bad.sql") is no SQL: a quote, comment or bracket is not closed, or a letter is out of place; allowed: one query, from SELECT, WITH, VALUES, TABLE or ( on.',
      '6:13: views.w.sql takes text or { file: … } and no other keys.',
    ],
  ],
  [
    'passwords in the file',
    `connections:
  a: { kafka: { brokers: [b], username: me, password: hunter2 } }
  b: { kafka: { brokers: [b], username: me, password: 12345 } }
  c: { kafka: { brokers: [b], username: me, password: { hunter2 } } }
  d: { kafka: { brokers: [b], username: me, password: { env: "hunter 2" } } }
  e: { kafka: { brokers: [b], username: me, password: { env: A, file: b } } }
  f: { kafka: { brokers: ["me:hunter2@b:9092"], username: hunter2 me, password: [hunter2] } }
`,
    [
      '7 things are wrong with the spec:',
      '2:55: connections.a.kafka.password is written in the file, where others can read it; change it, and name an environment variable instead: { env: NAME }.',
      '3:55: connections.b.kafka.password is written in the file, where others can read it; change it, and name an environment variable instead: { env: NAME }.',
      '4:55: connections.c.kafka.password takes { env: … } and no other keys.',
      '5:62: connections.d.kafka.password.env is not the name of an environment variable; allowed: letters, digits and underscores, and no digit first.',
      '6:55: connections.e.kafka.password takes { env: … } and no other keys.',
      '7:27: connections.f.kafka.brokers (not shown, since it may hold a password) has an @ in it; a login goes into username and password; allowed: host:port.',
      '7:81: connections.f.kafka.password must be { env: … }, not a list.',
    ],
  ],
  [
    'what a protocol has no use for',
    `connections:
  k: { kafka: { brokers: [b], protocol: PLAINTEXT, username: me, mechanism: PLAIN, ca: { file: ca.pem } } }
  l: { kafka: { brokers: [b], protocol: SSL, password: { env: KAFKA_PASSWORD } } }
`,
    [
      '4 things are wrong with the spec:',
      '2:52: connections.k.kafka.username has no use while connections.k.kafka.protocol is PLAINTEXT, which has no login.',
      '2:66: connections.k.kafka.mechanism has no use while connections.k.kafka.protocol is PLAINTEXT, which has no login.',
      '2:84: connections.k.kafka.ca has no use while connections.k.kafka.protocol is PLAINTEXT, which has no TLS.',
      '3:46: connections.l.kafka.password has no use while connections.l.kafka.protocol is SSL, which has no login.',
    ],
  ],
  [
    'bad brokers',
    `connections:
  k:
    kafka:
      protocol: PLAINTEXT
      brokers: ["a,b", kafka://a, "a:0", b, "b:9092", "[::1]:9092"]
`,
    [
      '5 things are wrong with the spec:',
      '5:17: connections.k.kafka.brokers "a,b" has more than one entry in it; allowed: host:port.',
      '5:24: connections.k.kafka.brokers "kafka://a" has a scheme in it; what it says goes into protocol; allowed: host:port.',
      '5:35: connections.k.kafka.brokers "a:0" has no usable port, which is a number from 1 to 65535; allowed: host:port.',
      '5:45: connections.k.kafka.brokers names "b:9092" twice.',
      '5:55: connections.k.kafka.brokers "[::1]:9092" has an IPv6 address, which only a host name can stand for; allowed: host:port.',
    ],
  ],
  [
    'bad queries',
    `views:
  a: { sql: CREATE VIEW x AS SELECT 1 }
  b: { sql: SELECT 1; DROP TABLE x }
  c: { sql: "SELECT 'x" }
  d: { sql: "" }
`,
    [
      '4 things are wrong with the spec:',
      '2:13: views.a.sql is not a query; allowed: one query, from SELECT, WITH, VALUES, TABLE or ( on.',
      '3:13: views.b.sql has a semicolon in it; allowed: one query, from SELECT, WITH, VALUES, TABLE or ( on.',
      '4:13: views.c.sql is no SQL: a quote, comment or bracket is not closed, or a letter is out of place; allowed: one query, from SELECT, WITH, VALUES, TABLE or ( on.',
      '5:13: views.d.sql holds no query; allowed: one query, from SELECT, WITH, VALUES, TABLE or ( on.',
    ],
  ],
  [
    'lists that name something twice',
    `connections:
  k: {}
sinks:
  o: { from: x, connection: k, topic: o, key: [a, b, a], comment: 1 }
defaults: { grants: [{ to: a, privileges: [select, select] }, { to: a, privileges: [usage] }] }
`,
    [
      '4 things are wrong with the spec:',
      '4:54: sinks.o.key names "a" twice.',
      '4:67: sinks.o.comment must be text, not a number; put it in quotes.',
      '5:52: defaults.grants.privileges names "select" twice.',
      '5:69: the role "a" has grants twice in one list; give it all its privileges at once.',
    ],
  ],
]

describe('what is said of a file with', () => {
  test.each(BROKEN)('%s', (_, text, says) => {
    expect(said(text)).toEqual(says)
  })
})
