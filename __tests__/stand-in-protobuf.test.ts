import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { fresh, StandInBench } from './stand-in-bench.ts'

/** Protobuf by a registry's schema and by a descriptor in the statement; written by a plain library. */

const bench = new StandInBench()
beforeAll(() => bench.open({ registry: true }), 120_000)
afterAll(() => bench.close())

const EVERYTHING = `
  syntax = "proto3";
  message Everything {
    bool b = 1; int32 i = 2; sint64 l = 3; uint32 u4 = 4; fixed64 u8 = 5; float f = 6; double d = 7;
    string snake_case = 8; bytes y = 9; Colour colour = 10; Inner inner = 11; repeated int32 many = 12;
    repeated Inner inners = 13; oneof choice { string left = 14; int32 right = 15; }
    enum Colour { RED = 0; GREEN = 1; }
    message Inner { int32 a = 1; string b = 2; }
  }`

const FILES = descriptor.FileDescriptorSet as unknown as protobuf.Type

/** The type of a text, what writes it, and its descriptor in hexadecimal digits. */
function compiled(text: string, name: string) {
  const root = new protobuf.Root()
  protobuf.parse(text, root, { keepCase: true })
  root.resolveAll()
  const type = root.lookupType(name)
  return {
    write: (value: object) => Buffer.from(type.encode(type.fromObject(value)).finish()),
    hex: Buffer.from(FILES.encode(root.toDescriptor('proto3')).finish()).toString('hex'),
  }
}

const framed = (id: number, body: Buffer, message = 0) => {
  const head = Buffer.alloc(6)
  head.writeInt32BE(id, 1)
  head[5] = message
  return Buffer.concat([head, body])
}

async function topic(): Promise<string> {
  const name = fresh('p')
  await bench.kafka.createTopic(name)
  return name
}

const FORMAT = 'FORMAT PROTOBUF USING CONFLUENT SCHEMA REGISTRY CONNECTION r'
const create = (name: string, clauses: string) =>
  bench.sql(`CREATE SOURCE ${name} FROM KAFKA CONNECTION k (TOPIC '${name}') ${clauses}`)

const FULL = {
  ...{ b: true, i: -1, l: '-9007199254740993', u4: 4294967295, u8: '18446744073709551615' },
  ...{ f: 0.1, d: 2.5, snake_case: 'é', y: Buffer.from('00ff', 'hex'), colour: 'GREEN' },
  ...{ inner: { a: 1, b: 'x,y' }, many: [1, 2], inners: [{ a: 2 }], right: 5 },
}
const ROWS = [
  ['f', '0', '0', '0', '0', '0', '0', '', '\\x', 'RED', null, '{}', '{}', '', '0'],
  [
    ...['t', '-1', '-9007199254740993', '4294967295', '18446744073709551615', '0.1', '2.5', 'é'],
    ...['\\x00ff', 'GREEN', '(1,"x,y")', '{1,2}', '{"(2,\\"\\")"}', '', '5'],
  ],
]

describe('a Protobuf source', () => {
  test('reads every type there is, by a schema of the registry', async () => {
    const name = await topic()
    const { write } = compiled(EVERYTHING, 'Everything')
    const id = await bench.registry.publish(`${name}-value`, {
      schema: EVERYTHING,
      type: 'PROTOBUF',
    })
    await bench.kafka.produce(name, [
      { value: framed(id, write(FULL)) },
      { value: framed(id, write({})) },
    ])
    await create(name, FORMAT)
    expect(await bench.rows(`SELECT * FROM ${name}`, 2)).toEqual(ROWS)
    const [[sql]] = (await bench.sql(
      `SELECT create_sql FROM mz_sources WHERE name = '${name}'`,
    )) as [[string]]
    expect(sql).toMatch(/ SEED VALUE SCHEMA '\\x[0-9a-f]+' MESSAGE 'Everything' EXPOSE PROGRESS/)
  })

  test('reads them by a descriptor in the statement', async () => {
    const name = await topic()
    const text = EVERYTHING.replace('syntax = "proto3";', 'syntax = "proto3"; package shop;')
    const { write, hex } = compiled(text, 'shop.Everything')
    await bench.kafka.produce(name, [{ value: write(FULL) }, { value: write({}) }])
    await create(name, `FORMAT PROTOBUF MESSAGE 'shop.Everything' USING SCHEMA '\\x${hex}'`)
    expect(await bench.rows(`SELECT * FROM ${name}`, 2)).toEqual(ROWS)
  })

  test('upserts by a key of its own schema', async () => {
    const name = await topic()
    const [keyText, valueText] = ['K { int32 id = 1; }', 'V { string v = 1; }'].map(
      (body) => `syntax = "proto3"; message ${body}`,
    ) as [string, string]
    const [key, value] = [compiled(keyText, 'K'), compiled(valueText, 'V')]
    const keyId = await bench.registry.publish(`${name}-key`, { schema: keyText, type: 'PROTOBUF' })
    const valueId = await bench.registry.publish(`${name}-value`, {
      schema: valueText,
      type: 'PROTOBUF',
    })
    const one = (id: number, v: string | null) => ({
      key: framed(keyId, key.write({ id })),
      value: v === null ? null : framed(valueId, value.write({ v })),
    })
    await bench.kafka.produce(name, [one(1, 'a'), one(2, 'b'), one(1, 'c'), one(2, null)])
    await create(name, `${FORMAT} ENVELOPE UPSERT`)
    expect(await bench.rows(`SELECT * FROM ${name}`, 1)).toEqual([['1', 'c']])
  })

  test('imports what other subjects hold', async () => {
    const name = await topic()
    const inner = 'syntax = "proto3"; message Inner { int32 a = 1; }'
    const outer = 'syntax = "proto3"; import "inner.proto"; message Outer { Inner inner = 1; }'
    await bench.registry.publish(`${name}-inner`, { schema: inner, type: 'PROTOBUF' })
    const id = await bench.registry.publish(`${name}-value`, {
      schema: outer,
      type: 'PROTOBUF',
      references: [{ name: 'inner.proto', subject: `${name}-inner`, version: 1 }],
    })
    await bench.kafka.produce(name, [
      {
        value: framed(
          id,
          compiled(
            `${inner.replace('syntax', 'syntax')}${outer.slice(outer.indexOf(' message'))}`,
            'Outer',
          ).write({ inner: { a: 1 } }),
        ),
      },
    ])
    await create(name, FORMAT)
    expect(await bench.rows(`SELECT * FROM ${name}`, 1)).toEqual([['(1)']])
  })

  test.each([
    [
      'without a frame',
      Buffer.from('0801', 'hex'),
      'Confluent-style protobuf datum is too few bytes: expected at least 5 bytes, got 2',
    ],
    [
      'of another message of the file',
      framed(1, Buffer.alloc(0), 2),
      /^unsupported Confluent-style protobuf message descriptor id: expected 0, but found: 2\./,
    ],
  ])('fails on a record %s', async (_name, value, words) => {
    const name = await topic()
    await bench.registry.publish(`${name}-value`, { schema: EVERYTHING, type: 'PROTOBUF' })
    await bench.kafka.produce(name, [{ value }])
    await create(name, FORMAT)
    const failure = (await bench.refusal(`SELECT * FROM ${name}`)).message
    expect(failure.replace('Decode error: protobuf deserialization error: ', '')).toMatch(words)
  })

  test.each([
    ['no schema', '', 'failed to fetch schema subject "%-value" from schema registry'],
    [
      'two messages',
      'message A {} message B {}',
      'Protobuf schemas with multiple messages not yet supported',
    ],
    ['no message', 'enum E { X = 0; }', 'Protobuf schemas with no messages not yet supported'],
    ['a map', 'message A { map<string, int32> m = 1; }', 'Protobuf map fields are not supported'],
    ['a message within itself', 'message A { A a = 1; }', 'Recursive types are not supported: A'],
  ])('is refused with %s', async (_name, body, message) => {
    const name = await topic()
    if (body !== '') {
      await bench.registry.publish(`${name}-value`, {
        schema: `syntax = "proto3"; ${body}`,
        type: 'PROTOBUF',
      })
    }
    expect(
      await bench.refusal(
        `CREATE SOURCE ${name} FROM KAFKA CONNECTION k (TOPIC '${name}') ${FORMAT}`,
      ),
    ).toMatchObject({ code: 'XX000', message: message.replace('%', name) })
  })
})
