import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Message } from 'kafkajs'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { record, writer } from '../stand-in-avro-writer.ts'
import { expectSettled, healthy, openSpecPlace, rowsOf, type SpecPlace } from './spec-place.ts'

/** Every format and envelope of a source: records by a plain client, rows as the action reports them. */

let place: SpecPlace
beforeAll(async () => {
  place = await openSpecPlace({ registry: true })
}, 120_000)
afterAll(() => place.stop())

interface Case {
  name: string
  /** Keys of the source beside connection and topic. */
  source: string
  records: (string | Message)[] | ((topic: string) => Promise<(string | Message)[]>)
  rows: unknown[]
  files?: Record<string, string>
}

const SCHEMA = record('r', [
  ['id', 'long'],
  ['name', ['null', 'string']],
  ['tags', { type: 'array', items: 'string' }],
  ['more', { type: 'map', values: 'int' }],
  [
    'inner',
    record('inner', [
      ['a', 'int'],
      ['b', 'string'],
    ]),
  ],
  ['at', { type: 'long', logicalType: 'timestamp-millis' }],
  ['price', { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 }],
  ['raw', 'bytes'],
])
const VALUE = {
  ...{ id: 9007199254740993n, name: { string: 'é' }, tags: ['a b', 'c'], more: { k: 1 } },
  ...{ inner: { a: 1, b: 'x,y' }, at: 1700000000123n, price: Buffer.from('ff85', 'hex') },
  raw: Buffer.from('00ff', 'hex'),
}
const ROW = {
  ...{ name: 'é', tags: ['a b', 'c'], more: { k: '1' }, inner: ['1', 'x,y'] },
  ...{ at: '2023-11-14 22:13:20.123', price: '-1.23', raw: { base64: 'AP8=' } },
}

const FILES = descriptor.FileDescriptorSet as unknown as protobuf.Type
const PROTO =
  'syntax = "proto3"; message Order { int64 id = 1; string name = 2; repeated int32 n = 3; }'

function order() {
  const root = new protobuf.Root()
  protobuf.parse(PROTO, root, { keepCase: true })
  root.resolveAll()
  const type = root.lookupType('Order')
  return {
    write: (value: object) => Buffer.from(type.encode(type.fromObject(value)).finish()),
    descriptors: Buffer.from(FILES.encode(root.toDescriptor('proto3')).finish()).toString('hex'),
  }
}

const framed = (id: number, body: Buffer) => {
  const head = Buffer.alloc(6)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, body])
}

const headers = { trace: 'tést', raw: Buffer.from('00ff', 'hex') }
const CASES: Case[] = [
  {
    name: 'bytes',
    source: 'format: bytes',
    records: ['hello', { value: Buffer.from('00ff', 'hex') }],
    rows: [{ data: 'hello' }, { data: { base64: 'AP8=' } }],
  },
  {
    name: 'text',
    source: 'format: text',
    records: ['é', '12'],
    rows: [{ text: '12' }, { text: 'é' }],
  },
  {
    name: 'json',
    source: 'format: json',
    records: ['{"big":12345678901234567890,"n":null}', '"x"'],
    rows: [{ data: 'x' }, { data: { big: Number('12345678901234567890'), n: null } }],
  },
  {
    name: 'csv with a number of columns and a delimiter',
    source: `format: { csv: { columns: 2, delimiter: ';' } }, columns: [word, 'N"']`,
    records: ['a,b;1', ';'],
    rows: [
      { word: '', 'N"': '' },
      { word: 'a,b', 'N"': '1' },
    ],
  },
  {
    name: 'csv with names',
    source: 'format: { csv: { header: [h1, H2] } }',
    records: ['h1,H2'],
    rows: [{ h1: 'h1', H2: 'H2' }],
  },
  {
    name: 'regex',
    source: `format: { regex: '(?P<word>[a-z'']+),(?P<n>\\d)?' }`,
    records: ["it's,1", 'b,'],
    rows: [
      { word: 'b', n: null },
      { word: "it's", n: '1' },
    ],
  },
  {
    name: 'avro by a registry',
    source: 'format: { avro: { registry: r } }',
    records: async (topic) => {
      const write = await writer(place.registry, `${topic}-value`, { schema: SCHEMA })
      return [{ value: write(VALUE) }]
    },
    rows: [{ id: Number('9007199254740993'), ...ROW }],
  },
  {
    name: 'avro by strategies of a registry, key and value',
    source:
      'key-format: { avro: { registry: r, key-strategy: latest } }, value-format: { avro: { registry: r, value-strategy: latest } }, include: [key], envelope: upsert',
    records: async (topic) => {
      const key = await writer(place.registry, `${topic}-key`, {
        schema: record('k', [['k', 'string']]),
      })
      const value = await writer(place.registry, `${topic}-value`, {
        schema: record('v', [['n', 'int']]),
      })
      return [
        { key: key({ k: 'a' }), value: value({ n: 1 }) },
        { key: key({ k: 'a' }), value: value({ n: 2 }) },
        { key: key({ k: 'b' }), value: value({ n: 3 }) },
        { key: key({ k: 'b' }), value: null },
      ]
    },
    rows: [{ k: 'a', n: 2 }],
  },
  {
    name: 'avro by a schema in a file, without wire format',
    source: 'format: { avro: { schema: { file: r.avsc }, wire-format: false } }',
    files: {
      'r.avsc': JSON.stringify(
        record('r', [
          ['id', 'int'],
          ['s', 'string'],
        ]),
      ),
    },
    records: [{ value: Buffer.from([2, 4, 0x61, 0x62]) }],
    rows: [{ id: 1, s: 'ab' }],
  },
  {
    name: 'protobuf by a registry',
    source: 'format: { protobuf: { registry: r } }',
    records: async (topic) => {
      const id = await place.registry.publish(`${topic}-value`, { schema: PROTO, type: 'PROTOBUF' })
      return [
        { value: framed(id, order().write({ id: '9007199254740993', name: 'é', n: [1, 2] })) },
      ]
    },
    rows: [{ id: Number('9007199254740993'), name: 'é', n: ['1', '2'] }],
  },
  {
    name: 'protobuf by a message and a compiled schema',
    source: `format: { protobuf: { message: Order, schema: '\\x${order().descriptors}' } }`,
    records: [{ value: order().write({ id: 7, name: 'x' }) }],
    rows: [{ id: 7, name: 'x', n: [] }],
  },
  {
    name: 'protobuf by a file of protoc',
    source: 'format: { protobuf: { message: Order, schema: { file: order.pb } } }',
    files: { 'order.pb': Buffer.from(order().descriptors, 'hex').toString('utf8') },
    records: [{ value: order().write({ id: 8, name: 'y' }) }],
    rows: [{ id: 8, name: 'y', n: [] }],
  },
  {
    name: 'every include',
    source:
      'key-format: text, value-format: json, include: [key, partition, { offset: { as: O } }, headers, { header: { name: trace, as: t } }, { header: { name: raw, as: b, bytes: true } }, { header: { name: none, as: n } }]',
    records: [{ key: 'k', value: '1', headers }],
    rows: [
      {
        ...{ key: 'k', data: 1, partition: 0, O: 0 },
        headers: [
          { key: 'trace', value: 'tést' },
          { key: 'raw', value: { base64: 'AP8=' } },
        ],
        ...{ t: 'tést', b: { base64: 'AP8=' }, n: null },
      },
    ],
  },
  {
    name: 'the time of a record',
    source: 'format: text, include: [{ timestamp: { as: at } }]',
    records: [{ value: 'v', timestamp: '1700000000123' }],
    rows: [{ text: 'v', at: '2023-11-14 22:13:20.123' }],
  },
  {
    name: 'envelope upsert',
    source: 'key-format: text, value-format: json, include: [{ key: { as: k } }], envelope: upsert',
    records: [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
      { key: 'a', value: '3' },
      { key: 'b', value: null },
    ],
    rows: [{ k: 'a', data: 3 }],
  },
  {
    name: 'envelope upsert with errors in line',
    source:
      'key-format: text, value-format: json, envelope: { upsert: { decoding-errors: { inline: { as: oops } } } }',
    records: [
      { key: 'a', value: '1' },
      { key: 'b', value: '[' },
    ],
    rows: [
      { key: 'a', oops: null, data: 1 },
      {
        key: 'b',
        oops: [
          'Failed to decode JSON: EOF while parsing a list at line 1 column 1 (original text: [, original bytes: "5b")',
        ],
        data: null,
      },
    ],
  },
  {
    name: 'envelope debezium',
    source: 'format: { avro: { registry: r } }, envelope: debezium',
    records: async (topic) => {
      const row = record('row', [
        ['id', 'int'],
        ['n', 'int'],
      ])
      const key = await writer(place.registry, `${topic}-key`, {
        schema: record('key', [['id', 'int']]),
      })
      const value = await writer(place.registry, `${topic}-value`, {
        schema: record('envelope', [
          ['before', ['null', row]],
          ['after', ['null', 'row']],
        ]),
      })
      const change = (before: number | null, after: number | null) => ({
        key: key({ id: 1 }),
        value: value({
          before: before === null ? null : { row: { id: 1, n: before } },
          after: after === null ? null : { row: { id: 1, n: after } },
        }),
      })
      return [change(null, 1), change(1, 2)]
    },
    rows: [{ id: 1, n: 2 }],
  },
]

describe('a source reports', () => {
  test.each(CASES.map((one, at) => ({ ...one, topic: `formats-${String(at)}` })))(
    '$name',
    async ({ source, records, rows, files = {}, topic }) => {
      const { kafka } = place.services
      await kafka.createTopic(topic)
      await kafka.produce(topic, typeof records === 'function' ? await records(topic) : records)
      const spec = `sources: { ${topic.replace('-', '_')}: { connection: k, topic: ${topic}, ${source} } }`
      const run = healthy(
        await place.run(spec, { files, inputs: { 'min-rows': String(rows.length) } }),
      )
      const order = (all: unknown[]) => all.map((row) => JSON.stringify(row)).sort()
      expect(order(rowsOf(run))).toEqual(order(rows))
      await expectSettled(place, spec, { files })
    },
    60_000,
  )
})

const times: Message[] = [
  ...['a', 'b', 'c'].map((value, at) => ({ value, timestamp: `170000000${String(at)}000` })),
  { value: 'd' },
]

describe('a source begins', () => {
  test.each([
    { name: 'at an offset', start: 'start-offsets: [2]', values: ['c', 'd'] },
    { name: 'behind the last record', start: 'start-offsets: [4]', values: [] },
    { name: 'far behind the last record', start: 'start-offsets: [400]', values: [] },
    { name: 'at a time', start: 'start-timestamp: 1700000002000', values: ['c', 'd'] },
    { name: 'at a date', start: 'start-timestamp: 2023-11-14T22:13:22Z', values: ['c', 'd'] },
    { name: 'a while ago', start: 'start-timestamp: -1h', values: ['d'] },
    { name: 'milliseconds ago', start: 'start-timestamp: -3600000', values: ['d'] },
  ])('$name', async ({ name, start, values }) => {
    const topic = name.replaceAll(' ', '-')
    const { kafka } = place.services
    await kafka.createTopic(topic)
    await kafka.produce(topic, times)
    const spec = `sources: { ${name.replaceAll(' ', '_')}: { connection: k, topic: ${topic}, format: text, ${start} } }`
    const run = healthy(await place.run(spec, { inputs: { timeout: '15s' } }))
    expect(rowsOf(run)).toEqual(values.map((text) => ({ text })))
    await expectSettled(place, spec)
  })
})
