import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  canaryName,
  inlineKey,
  inlineKeyPrefix,
  readCanaryName,
  readInlineKey,
  recordText,
} from '../../src/core/canary-names.ts'
import {
  canaryText,
  holdsText,
  messageDifferences,
  rowDifferences,
  sentColumns,
} from '../../src/core/canary-shape.ts'
import type { Decoding } from '../../src/core/model-source.ts'
import { spreadOf, spreadsOf } from '../../src/core/report-sent.ts'
import { commentText, readComment } from '../../src/core/marker.ts'

describe('names', () => {
  const id = fc.stringMatching(/^[0-9a-f]{12}$/)
  const until = fc.integer({ min: 0, max: 4_102_444_800_000 })
  test('say of which canary they are and how long they may stay, to their own repository alone', () => {
    fc.assert(
      fc.property(
        fc.record({ own: fc.string(), other: fc.string(), one: id, time: until }),
        (of) => {
          const { own, other, one, time } = of
          const name = canaryName(own, { id: one, until: time }, 'in')
          expect(name).toMatch(/^[a-z0-9-]{1,60}$/)
          const read = readCanaryName(own, name)
          expect(read?.id).toBe(one)
          expect((read?.until ?? 0) - time).toBeGreaterThanOrEqual(0)
          expect((read?.until ?? 0) - time).toBeLessThan(1_000)
          if (own !== other) expect(readCanaryName(other, name)).toBeUndefined()
        },
      ),
    )
  })

  test('of others are not read', () => {
    const name = canaryName('a/b', { id: '0123456789ab', until: 1 }, 'out')
    for (const changed of [
      `${name}2`,
      `x${name}`,
      name.replace('-out', ''),
      `${name}-in`,
      'orders',
    ]) {
      expect(readCanaryName('a/b', changed)).toBeUndefined()
    }
  })

  test('a key says whose it is and until when, to its own source alone', () => {
    const at = { repository: 'a/b', source: 's' }
    const name = { id: '0123456789ab', until: 1_700_000_000_000 }
    const key = inlineKey(at, name)
    expect(readInlineKey(at, key)).toEqual(name)
    expect(inlineKey(at, { ...name, id: 'ba9876543210' })).not.toBe(key)
    expect(readInlineKey({ ...at, source: 't' }, key)).toBeUndefined()
    expect(readInlineKey({ ...at, repository: 'a/c' }, key)).toBeUndefined()
    for (const other of [`${key}1`, key.slice(0, -1), inlineKeyPrefix(at), 'mine']) {
      expect(readInlineKey(at, other)).toBeUndefined()
    }
  })

  test('no text begins another', () => {
    expect(recordText('x', 10).startsWith(recordText('x', 1))).toBe(false)
  })

  test('the mark says until when', () => {
    const marker = { repository: 'a/b', key: 'canary:1', until: '2026-01-01T00:00:00.000Z' }
    expect(readComment(commentText('own words', marker))).toEqual({ own: 'own words', marker })
  })
})

const hex = (text: string): string => `\\x${Buffer.from(text).toString('hex')}`
const sent = { key: 'k', text: 't' }

describe('a row is what was sent', () => {
  test.each<{ name: string; decoding: Decoding; row: (string | null)[]; differ: string[] }>([
    { name: 'bytes', decoding: { format: 'bytes' }, row: [hex('t')], differ: [] },
    { name: 'other bytes', decoding: { format: 'bytes' }, row: [hex('T')], differ: ['data'] },
    { name: 'text cut short', decoding: { format: 'text' }, row: [''], differ: ['text'] },
    { name: 'null', decoding: { format: 'text' }, row: [null], differ: ['text'] },
    {
      name: 'json in another spelling',
      decoding: { format: 'json' },
      row: ['{ "mka_canary" : "t" }'],
      differ: [],
    },
    {
      name: 'json with more in it',
      decoding: { format: 'json' },
      row: ['{"mka_canary":"t","a":1}'],
      differ: ['data'],
    },
    {
      name: 'csv with something in a cell that was empty',
      decoding: { format: { csv: { columns: 2 } } },
      row: ['t', 'x'],
      differ: ['column2'],
    },
    {
      name: 'another key, by the names that the spec gives',
      decoding: { format: 'text', keyFormat: 'text', envelope: 'upsert', columns: ['a', 'b'] },
      row: ['K', 't'],
      differ: ['a'],
    },
    {
      name: 'key and value round the column of errors',
      decoding: { format: 'text', keyFormat: 'bytes', envelope: 'upsert', inlineErrors: {} },
      row: [hex('k'), null, 't'],
      differ: [],
    },
  ])('$name', ({ decoding, row, differ }) => {
    expect(rowDifferences(sentColumns(decoding, sent)!.all, row)).toEqual(differ)
  })
})

describe('a message is what was sent', () => {
  const debezium = { format: 'json', envelope: 'debezium' } as const
  const upsert = { format: 'json', envelope: 'upsert' } as const
  test.each<{
    name: string
    format: Decoding['format']
    sink: Parameters<typeof messageDifferences>[2]
    value: string | null
    differ: string[] | undefined
  }>([
    {
      name: 'json',
      format: 'text',
      sink: debezium,
      value: '{"before":null,"after":{"text":"t"}}',
      differ: [],
    },
    {
      name: 'a row that went',
      format: 'text',
      sink: debezium,
      value: '{"before":{"text":"t"},"after":null}',
      differ: ['text'],
    },
    {
      name: 'another text',
      format: 'text',
      sink: debezium,
      value: '{"after":{"text":"tt"}}',
      differ: ['text'],
    },
    {
      name: 'bytes as numbers',
      format: 'bytes',
      sink: upsert,
      value: '{"data":[116]}',
      differ: [],
    },
    {
      name: 'other bytes',
      format: 'bytes',
      sink: upsert,
      value: '{"data":[116,0]}',
      differ: ['data'],
    },
    {
      name: 'json in json',
      format: 'json',
      sink: upsert,
      value: '{"data":{"mka_canary":"t"}}',
      differ: [],
    },
    {
      name: 'json as a text in json',
      format: 'json',
      sink: upsert,
      value: '{"data":"{}"}',
      differ: ['data'],
    },
    { name: 'no json', format: 'json', sink: upsert, value: 't', differ: ['data'] },
    { name: 'null', format: 'json', sink: upsert, value: null, differ: ['data'] },
    {
      name: 'text as it is',
      format: 'text',
      sink: { ...upsert, format: 'text' },
      value: 't',
      differ: [],
    },
    {
      name: 'text with more',
      format: 'text',
      sink: { ...upsert, format: 'bytes' },
      value: 't ',
      differ: ['text'],
    },
    {
      name: 'a row literal',
      format: 'text',
      sink: { ...debezium, format: 'text' },
      value: '(t)',
      differ: undefined,
    },
  ])('$name', ({ format, sink, value, differ }) => {
    const columns = sentColumns({ format }, sent)!.all
    const bytes = value === null ? null : Buffer.from(value)
    expect(messageDifferences(columns, bytes, sink)).toEqual(differ)
  })

  test('a column may be called as the envelope calls a row', () => {
    const columns = sentColumns({ format: 'text', columns: ['after'] }, sent)!.all
    expect(messageDifferences(columns, Buffer.from('{"after":"t"}'), upsert)).toEqual([])
  })

  test.each([
    ['text', 'x mka-1 x', true],
    ['numbers', `[${[...Buffer.from('mka-1')].join(',')}]`, true],
    ['hexadecimal digits', `("\\\\x${Buffer.from('mka-1').toString('hex')}")`, true],
    ['another text', 'mka-2', false],
  ])('%s', (_, held, is) => {
    expect(holdsText(Buffer.from(held), 'mka-1')).toBe(is)
    expect(holdsText(null, 'mka-1')).toBe(false)
  })
})

test('a delimiter that is part of the text takes no cell apart', () => {
  const csv = { columns: 3, delimiter: 'm' }
  expect(canaryText({ format: { csv } }, { key: '', text: 'mka' })).toEqual({
    key: null,
    value: '"mka"mm',
  })
})

describe('the spread of times', () => {
  test('least, middle, ninetieth and most are times that were measured', () => {
    expect(spreadOf([])).toBeUndefined()
    expect(spreadOf([7])).toEqual({ min: 7, median: 7, p90: 7, max: 7 })
    const twenty = Array.from({ length: 20 }, (_, n) => 20 - n)
    expect(spreadOf(twenty)).toEqual({ min: 1, median: 10, p90: 18, max: 20 })
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), (times) => {
        const { min, median, p90, max } = spreadOf(times)!
        expect([min, median, p90, max]).toEqual([min, median, p90, max].toSorted((a, b) => a - b))
        for (const one of [min, median, p90, max]) expect(times).toContain(one)
        expect(times.filter((one) => one <= median).length * 2).toBeGreaterThanOrEqual(times.length)
      }),
    )
  })

  test('of the legs that were got through', () => {
    const times = [{ acknowledged: 1, ingested: 5 }, { acknowledged: 3 }]
    expect(spreadsOf(times)).toEqual({
      acknowledged: { min: 1, median: 1, p90: 3, max: 3 },
      ingested: { min: 5, median: 5, p90: 5, max: 5 },
    })
  })
})
