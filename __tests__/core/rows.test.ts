import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { bytesValue, jsonValue, parseExact, rowObject } from '../../src/core/rows.ts'

describe('values as JSON', () => {
  const cases: { name: string; type: number; text: string | null; json: string }[] = [
    { name: 'null', type: 25, text: null, json: 'null' },
    { name: 'boolean', type: 16, text: 't', json: 'true' },
    { name: 'text', type: 25, text: 'a\n"é', json: '"a\\n\\"é"' },
    { name: 'bytea that is text', type: 17, text: '\\x68656c6c6f', json: '"hello"' },
    { name: 'bytea with a NUL and an emoji', type: 17, text: '\\x00f09f9982', json: '"\\u0000🙂"' },
    { name: 'bytea that is no text', type: 17, text: '\\x00ff', json: '{"base64":"AP8="}' },
    { name: 'empty bytea', type: 17, text: '\\x', json: '""' },
    { name: 'integer', type: 23, text: '2147483647', json: '2147483647' },
    {
      name: 'bigint beyond a double',
      type: 20,
      text: '9223372036854775807',
      json: '9223372036854775807',
    },
    {
      name: 'uint8 beyond a double',
      type: 16464,
      text: '18446744073709551615',
      json: '18446744073709551615',
    },
    {
      name: 'numeric',
      type: 1700,
      text: '12345678901234567890.123456789',
      json: '"12345678901234567890.123456789"',
    },
    { name: 'double', type: 701, text: '1.5', json: '1.5' },
    { name: 'not a number', type: 701, text: 'NaN', json: '"NaN"' },
    { name: 'infinity', type: 700, text: '-Infinity', json: '"-Infinity"' },
    {
      name: 'jsonb with a large number',
      type: 3802,
      text: '{"big":12345678901234567890,"id":2}',
      json: '{"big":12345678901234567890,"id":2}',
    },
    {
      name: 'timestamp',
      type: 1114,
      text: '2026-01-02 03:04:05.678901',
      json: '"2026-01-02 03:04:05.678901"',
    },
    {
      name: 'map',
      type: 16385,
      text: '{a=>1,"b c"=>{x,NULL}}',
      json: '{"a":"1","b c":["x",null]}',
    },
    { name: 'empty map', type: 16385, text: '{}', json: '{}' },
    { name: 'list', type: 16384, text: '{1,"a b",{2}}', json: '["1","a b",["2"]]' },
    { name: 'list of records', type: 16384, text: '{"(a,2)"}', json: '["(a,2)"]' },
    { name: 'record', type: 2249, text: '(1,"a ""b""",)', json: '["1","a \\"b\\"",null]' },
    { name: 'array of text', type: 1009, text: '{x,NULL,"NULL"}', json: '["x",null,"NULL"]' },
    {
      name: 'array of bigint',
      type: 1016,
      text: '{9223372036854775807}',
      json: '[9223372036854775807]',
    },
    { name: 'array of jsonb', type: 3807, text: '{"{\\"a\\":1}"}', json: '[{"a":1}]' },
    { name: 'a list that is none', type: 16384, text: '{1', json: '"{1"' },
  ]
  test.each(cases)('$name', ({ type, text, json }) => {
    expect(JSON.stringify(jsonValue(type, text))).toBe(json)
  })

  test('bytes come back from what they became', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const value = bytesValue(bytes)
        const back =
          typeof value === 'string'
            ? Buffer.from(value, 'utf8')
            : Buffer.from(value.base64, 'base64')
        return back.equals(Buffer.from(bytes))
      }),
    )
  })

  test('JSON comes back the same to the digit', () => {
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        const text = `{"n":[${String(number)}]}`
        return JSON.stringify(parseExact(text)) === text
      }),
    )
  })

  test('columns of one name, and one called __proto__, are all there', () => {
    const fields = ['a', 'a', '__proto__'].map((name) => ({ name, type: 25 }))
    const row = rowObject(fields, ['1', '2', '3'])
    expect(JSON.stringify(row)).toBe('{"a":"1","a_2":"2","__proto__":"3"}')
  })
})
