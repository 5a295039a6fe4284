import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseRecords } from '../../src/core/produce-records.ts'

const show = (name: string): string => JSON.stringify(name)
const text = (of: Uint8Array | null): string | null => of && new TextDecoder().decode(of)

function onlyRecord(line: string) {
  const read = parseRecords(line, show)
  if (!('records' in read) || read.records.length !== 1) throw new Error(JSON.stringify(read))
  return read.records[0]!
}

describe('a value', () => {
  test.each<[name: string, json: string, bytes: string | null]>([
    ['text as it is', '"é\\n::error::"', 'é\n::error::'],
    ['an empty text', '""', ''],
    ['an object as JSON', '{ "a": [1, null], "b": {} }', '{"a":[1,null],"b":{}}'],
    ['a list as JSON', '[1,"x"]', '[1,"x"]'],
    ['a number as JSON', '1.50', '1.50'],
    ['a number that a double cannot hold', '12345678901234567890', '12345678901234567890'],
    ['such a number within', '{"n":12345678901234567890}', '{"n":12345678901234567890}'],
    ['true as JSON', 'true', 'true'],
    ['bytes', '{"base64":"AGE="}', '\0a'],
    ['no bytes', '{"base64":""}', ''],
    ['base64 beside another member is an object', '{"base64":"x","a":1}', '{"base64":"x","a":1}'],
    ['null is a tombstone', 'null', null],
  ])('%s', (_, json, bytes) => {
    const { value, key } = onlyRecord(`{"value":${json},"key":${json}}`)
    expect(text(value)).toBe(bytes)
    expect(text(key)).toBe(bytes)
  })
})

test('all of a record, and no more than was said', () => {
  const line = '{"key":"k","value":"v","headers":{"a":"1","b":null},"topic":"t","partition":3}'
  const { headers, ...rest } = onlyRecord(`\n  \n${line}\r\n`)
  expect(headers.map(([name, data]) => [name, text(data)])).toEqual([
    ['a', '1'],
    ['b', null],
  ])
  expect(rest).toMatchObject({ topic: 't', partition: 3 })
  expect(onlyRecord('{"value":1}')).toEqual({
    ...{ key: null, headers: [] },
    value: new TextEncoder().encode('1'),
  })
})

describe('mistakes', () => {
  test.each([
    ['{"value":"s3cret"', 'line 1 is not JSON; each line is one JSON object'],
    ['"s3cret"', 'line 1 is no JSON object'],
    ['[1]', 'line 1 is no JSON object'],
    ['12', 'line 1 is no JSON object'],
    ['12345678901234567890', 'line 1 is no JSON object'],
    ['{"key":"s3cret"}', 'line 1 has no value; null writes a tombstone'],
    ['{"value":1,"Topic":"t"}', 'line 1 has the unknown member "Topic"; did you mean topic?'],
    ['{"value":1,"offset":1}', 'line 1 has the unknown member "offset"; allowed: key, value'],
    ['{"value":{"base64":"s3cret"}}', 'line 1 has a value that says base64 and is none'],
    ['{"value":{"base64":7}}', 'line 1 has a value that says base64 and is none'],
    [
      '{"value":1,"headers":{"h":{"base64":"-"}}}',
      'line 1 has a header "h" that says base64 and is none',
    ],
    ['{"value":1,"headers":["s3cret"]}', 'line 1 has headers that are no JSON object'],
    ['{"value":1,"topic":"a b"}', 'line 1 has the topic "a b", which is not a topic name'],
    ['{"value":1,"topic":7}', 'line 1 has a topic that is no text'],
    ['{"value":1,"partition":-1}', 'line 1 has a partition that is no whole number from 0 on'],
    ['{"value":1,"partition":"0"}', 'line 1 has a partition that is no whole number from 0 on'],
    ['{"value":1,"partition":4294967296}', 'line 1 has a partition that is no whole number'],
    ['\n \n', 'there is no record in it'],
  ])('%s', (line, said) => {
    const read = parseRecords(line, show)
    if (!('faults' in read)) throw new Error('was taken')
    expect(read.faults).toHaveLength(1)
    expect(read.faults[0]).toContain(said)
    expect(read.faults.join()).not.toContain('s3cret')
  })

  test('all at once with their lines, and no more than can be read', () => {
    const read = parseRecords(['{"value":1}', '{}', '', '{'].join('\n'), show)
    expect(read).toEqual({
      faults: [
        'line 2 has no value; null writes a tombstone',
        'line 4 is not JSON; each line is one JSON object',
      ],
    })
    const many = parseRecords('{}\n'.repeat(50), show)
    expect('faults' in many && many.faults).toHaveLength(21)
    expect('faults' in many && many.faults.at(-1)).toBe('and 30 more')
  })
})

test('any text is read or refused, and any texts come back as they are', () => {
  fc.assert(fc.property(fc.string(), (line) => void parseRecords(line, show)))
  const name = fc.string().filter((one) => one !== '__proto__')
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.dictionary(name, fc.string()),
      (value, headers) => {
        const record = onlyRecord(JSON.stringify({ value, headers }))
        expect(text(record.value)).toBe(value)
        expect(Object.fromEntries(record.headers.map(([key, of]) => [key, text(of)]))).toEqual(
          headers,
        )
      },
    ),
  )
})
