import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Message } from 'kafkajs'
import { fresh, StandInBench } from './stand-in-bench.ts'

/** Records by a plain client, rows by SQL: every format, include and envelope that needs no schema. */

const bench = new StandInBench()
/** The source of each table row; made together, since each takes half a second to read its first record. */
const made = new Map<string, string>()

beforeAll(async () => {
  await bench.open()
  const begin = async (name: string, of: Parameters<typeof source>) => {
    made.set(name, await source(...of))
  }
  await Promise.all([
    ...ROWS.map(([name, clauses, records]) => begin(name, [clauses, records])),
    ...STARTS.map(([name, option]) => begin(name, ['FORMAT TEXT', TIMED, option])),
    ...BROKEN.map(([name, clauses, record]) => begin(name, [clauses, [record]])),
  ])
}, 60_000)
afterAll(() => bench.close())

const headers = { h: 'hv', src: 'tést' }
const ROWS: [
  name: string,
  clauses: string,
  records: (string | Message)[],
  rows: (string | null)[][],
][] = [
  ['bytes', 'FORMAT BYTES', ['a', ''], [['\\x'], ['\\x61']]],
  ['text', 'FORMAT TEXT', ['é', 'two\nlines'], [['two\nlines'], ['é']]],
  ['json', 'FORMAT JSON', ['{"b":1.50,"a":[null]}', '"x"'], [['"x"'], ['{"a":[null],"b":1.5}']]],
  [
    'csv',
    'FORMAT CSV WITH 2 COLUMNS',
    ['a,"b,""c"""', ',\n'],
    [
      ['', ''],
      ['a', 'b,"c"'],
    ],
  ],
  ['csv with a delimiter', "FORMAT CSV WITH 2 COLUMNS DELIMITED BY '|'", ['a,b|c'], [['a,b', 'c']]],
  ['csv with a header', 'FORMAT CSV WITH HEADER (a, b)', ['a,b'], [['a', 'b']]],
  [
    'regex',
    "FORMAT REGEX '(?P<word>[a-z]+)(?: (\\d+))?'",
    ['ab 12', 'cd'],
    [
      ['ab', '12'],
      ['cd', null],
    ],
  ],
  [
    'key and value',
    'KEY FORMAT TEXT VALUE FORMAT JSON INCLUDE KEY',
    [
      { key: 'k', value: '1' },
      { key: null, value: '2' },
    ],
    [
      ['k', '1'],
      [null, '2'],
    ],
  ],
  [
    'a key of two columns under one name',
    'KEY FORMAT CSV WITH 2 COLUMNS VALUE FORMAT TEXT INCLUDE KEY AS k',
    [{ key: 'a,b c', value: 'v' }],
    [['(a,"b c")', 'v']],
  ],
  [
    'what comes with a record',
    "FORMAT TEXT INCLUDE PARTITION AS p, OFFSET, HEADERS, HEADER 'src' AS s, HEADER 'h' AS b BYTES, HEADER 'no' AS n",
    [{ value: 'v', headers }],
    [
      [
        'v',
        '0',
        '0',
        '{"(h,\\"\\\\\\\\x6876\\")","(src,\\"\\\\\\\\x74c3a97374\\")"}',
        'tést',
        '\\x6876',
        null,
      ],
    ],
  ],
  [
    'upsert',
    'KEY FORMAT TEXT VALUE FORMAT TEXT INCLUDE KEY AS k ENVELOPE UPSERT',
    [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
      { key: 'a', value: '3' },
      { key: 'c', value: '4' },
      { key: 'b', value: null },
    ],
    [
      ['a', '3'],
      ['c', '4'],
    ],
  ],
  [
    'upsert with errors in line',
    'KEY FORMAT TEXT VALUE FORMAT JSON ENVELOPE UPSERT (VALUE DECODING ERRORS = (INLINE AS oops))',
    [
      { key: 'a', value: '{}' },
      { key: 'b', value: '[' },
    ],
    [
      ['a', null, '{}'],
      [
        'b',
        '("Failed to decode JSON: EOF while parsing a list at line 1 column 1 (original text: [, original bytes: ""5b"")")',
        null,
      ],
    ],
  ],
  ['no envelope', 'FORMAT TEXT ENVELOPE NONE', ['x', { value: null }], [['x']]],
]

const TIMED: Message[] = [
  ...['a', 'b', 'c'].map((value, at) => ({ value, timestamp: `170000000${at}000` })),
  { value: 'd' },
]
const STARTS: [name: string, option: string, values: string[]][] = [
  ['an offset', ', START OFFSET (2)', ['c', 'd']],
  ['an offset in brackets', ', START OFFSET [1]', ['b', 'c', 'd']],
  ['a time', ', START TIMESTAMP 1700000002000', ['c', 'd']],
  ['a time ago', ', START TIMESTAMP -60000', ['d']],
]
const BROKEN: [name: string, clauses: string, record: string, words: string][] = [
  [
    'JSON',
    'FORMAT JSON',
    'nope',
    'Failed to decode JSON: expected ident at line 1 column 2 (original text: nope, original bytes: "6e6f7065")',
  ],
  [
    'a CSV of two lines',
    'FORMAT CSV WITH 1 COLUMNS',
    'a\nb',
    'Unexpected bytes remaining for decoded value: [98] (original text: a\nb, original bytes: "610a62")',
  ],
  [
    'a CSV of another width',
    'FORMAT CSV WITH 2 COLUMNS',
    'a',
    'CSV error at record number 1: expected 2 columns, got 1. (original text: a, original bytes: "61")',
  ],
]

async function source(
  clauses: string,
  records: (string | Message)[],
  options = '',
): Promise<string> {
  const name = fresh('f')
  await bench.kafka.createTopic(name)
  await bench.kafka.produce(name, records)
  await bench.sql(
    `CREATE SOURCE ${name} FROM KAFKA CONNECTION k (TOPIC '${name}'${options}) ${clauses}`,
  )
  return name
}

describe('a source reads', () => {
  test.each(ROWS.map(([name, , , rows]) => ({ name, rows })))('$name', async ({ name, rows }) => {
    expect(await bench.rows(`SELECT * FROM ${made.get(name)!}`, rows.length)).toEqual(rows)
  })

  test('the time of a record, in milliseconds', async () => {
    const name = await source('FORMAT TEXT INCLUDE TIMESTAMP AS t', [
      { value: 'v', timestamp: '1700000000123' },
    ])
    expect(await bench.rows(`SELECT * FROM ${name}`, 1)).toEqual([['v', '2023-11-14 22:13:20.123']])
  })

  test.each(STARTS)('from %s on', async (name, _option, values) => {
    const rows = await bench.rows(`SELECT * FROM ${made.get(name)!}`, values.length)
    expect(rows.flat()).toEqual(values)
  })

  test('under its own column names', async () => {
    const name = fresh('f')
    await bench.kafka.createTopic(name)
    await bench.kafka.produce(name, ['a,b'])
    await bench.sql(
      `CREATE SOURCE ${name} (one) FROM KAFKA CONNECTION k (TOPIC '${name}') FORMAT CSV WITH 2 COLUMNS`,
    )
    expect(await bench.rows(`SELECT one, column2 FROM ${name}`, 1)).toEqual([['a', 'b']])
  })
})

describe('a source that cannot read', () => {
  test.each(BROKEN.map(([of, , , words]) => ({ of, words })))(
    '$of goes on running and fails when it is read',
    async ({ of, words }) => {
      const name = made.get(of)!
      await bench.rows(
        `SELECT 1 FROM mz_internal.mz_source_statuses WHERE name = '${name}' AND status = 'running'`,
        1,
      )
      await expect(bench.rows(`SELECT * FROM ${name}`, 1)).rejects.toMatchObject({
        code: 'XX000',
        message: `Decode error: ${words}`,
      })
    },
  )

  test('an upsert key that is missing, until it is taken back', async () => {
    const name = await source('KEY FORMAT TEXT VALUE FORMAT TEXT ENVELOPE UPSERT', [
      { key: 'a', value: '1' },
      { key: null, value: '2' },
    ])
    await expect(bench.rows(`SELECT * FROM ${name}`, 1)).rejects.toMatchObject({
      message: expect.stringMatching(/^Envelope error: Upsert: Null key/),
    })
    await bench.kafka.produce(name, [
      { key: null, value: null },
      { key: 'b', value: '3' },
    ])
    const deadline = Date.now() + 10_000
    let rows: unknown
    while (rows === undefined && Date.now() < deadline) {
      rows = await bench.sql(`SELECT * FROM ${name} ORDER BY 1`).catch(() => undefined)
    }
    expect(rows).toEqual([
      ['a', '1'],
      ['b', '3'],
    ])
  })
})
