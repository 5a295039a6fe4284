import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { unfitIn } from '../../src/core/unfit.ts'
import { grantsToRead, missingGrant } from '../../src/core/grants.ts'
import { sinkFinding } from '../../src/core/sink-finding.ts'
import { asksForUnread, sourceFinding } from '../../src/core/source-finding.ts'
import { type Evidence, type Moment, VERDICTS } from '../../src/core/verdicts.ts'

/** What follows from what was seen, without a server. */

const at = (...offsets: bigint[]) => offsets.map((offset, partition) => ({ partition, offset }))
const moment = (ms: number, more: Partial<Moment> = {}): Moment => ({
  ...{ atMs: ms, now: BigInt(1_000_000 + ms), status: 'running', hints: [] },
  ...more,
})
const seen = (moments: Moment[], more: Partial<Evidence> = {}): Evidence => ({
  ...{ label: '"s"', cluster: { name: 'c', replicas: 1 }, moments },
  ...{ stalls: 0, words: [], blind: [], grants: [] },
  ...more,
})
const frontier = (ms: number): bigint => BigInt(1_000_000 + ms)

describe('a source', () => {
  const follows = (ms: number): Partial<Moment> => ({ frontier: frontier(ms - 1_000) })
  const cases: {
    name: string
    evidence: Evidence
    verdict: string
    reason?: string
    settled?: boolean
  }[] = [
    {
      name: 'reads on and follows the clock',
      evidence: seen([
        moment(0, { ...follows(0), progress: at(4n), watermarks: at(4n) }),
        moment(2_000, { ...follows(2_000), progress: at(9n), watermarks: at(8n) }),
      ]),
      verdict: 'flowing',
      settled: true,
    },
    {
      name: 'one look settles nothing',
      evidence: seen([moment(0, { ...follows(0), progress: at(4n), watermarks: at(4n) })]),
      verdict: 'stuck',
      settled: false,
    },
    {
      name: 'caught up and stalled for want of a right: a frontier that goes on is no cure',
      evidence: seen(
        [
          moment(0, { ...follows(0), progress: at(4n), watermarks: at(4n) }),
          moment(2_000, {
            ...follows(2_000),
            status: 'stalled',
            error: 'kafka: TopicAuthorizationFailed',
          }),
        ],
        { stalls: 1, lastStall: { agoMs: 500 } },
      ),
      verdict: 'broken',
      reason: 'kafka-read-right',
      settled: true,
    },
    {
      name: 'between two stalls it says running',
      evidence: seen(
        [
          moment(0, { ...follows(0), progress: at(4n), watermarks: at(4n) }),
          moment(3_000, { ...follows(3_000), progress: at(4n), watermarks: at(4n) }),
        ],
        { stalls: 2, lastStall: { agoMs: 4_000, error: 'kafka: GroupAuthorizationFailed' } },
      ),
      verdict: 'broken',
      reason: 'kafka-group-right',
    },
    {
      name: 'stalls of before, and it has read since',
      evidence: seen(
        [
          moment(0, { ...follows(0), progress: at(4n), watermarks: at(6n) }),
          moment(2_000, { ...follows(2_000), progress: at(6n), watermarks: at(6n) }),
        ],
        { stalls: 3, lastStall: { agoMs: 9_000, error: 'kafka: x' } },
      ),
      verdict: 'flowing',
    },
    {
      name: 'an end of the topic before what was read of it',
      evidence: seen([moment(0), moment(800, { ends: at(1n), progress: at(4n) })], {
        readBefore: at(4n),
      }),
      verdict: 'broken',
      reason: 'topic-recreated',
      settled: true,
    },
    {
      name: 'told to begin beyond the end, where it waits',
      evidence: seen(
        [0, 2_000].map((ms) =>
          moment(ms, { ...follows(ms), ends: at(1n), watermarks: at(1n), progress: at(4n) }),
        ),
        { readBefore: at(4n), start: [4n] },
      ),
      verdict: 'idle',
      settled: true,
    },
    {
      name: 'told to begin where it began, and an end before what it has read since',
      evidence: seen([moment(0), moment(800, { ends: at(1n), progress: at(5n) })], {
        readBefore: at(5n),
        start: [4n],
      }),
      verdict: 'broken',
      reason: 'topic-recreated',
    },
    {
      name: 'ended, whatever the status says',
      evidence: seen([moment(0, { hasEnded: true })]),
      verdict: 'broken',
      reason: 'source-stalled',
    },
    {
      name: 'one offset behind, which is a marker’s',
      evidence: seen(
        [
          moment(0, { ...follows(0), progress: at(4n), watermarks: at(5n) }),
          moment(2_500, { ...follows(2_500), progress: at(4n), watermarks: at(5n) }),
        ],
        { unread: false },
      ),
      verdict: 'idle',
      settled: true,
    },
    {
      name: 'frozen for a moment only',
      evidence: seen([
        moment(0, { frontier: frontier(-1_000), progress: at(4n), watermarks: at(4n) }),
        moment(6_500, { frontier: frontier(-1_000), progress: at(4n), watermarks: at(4n) }),
      ]),
      verdict: 'stuck',
      settled: false,
    },
    {
      name: 'frozen for longer than a healthy one ever is',
      evidence: seen([
        moment(0, { frontier: frontier(-5_000), progress: at(4n), watermarks: at(4n) }),
        moment(6_500, { frontier: frontier(-5_000), progress: at(4n), watermarks: at(4n) }),
      ]),
      verdict: 'stuck',
      reason: 'source-stuck',
      settled: true,
    },
  ]
  test.each(cases)('$name: $verdict', ({ evidence, verdict, reason, settled }) => {
    const found = sourceFinding(evidence, {})
    expect(found.verdict).toBe(verdict)
    if (reason) expect(found.reason).toBe(reason)
    if (settled !== undefined) expect(found.settled).toBe(settled)
  })

  test('what lies before the watermark is asked for once it stands there for seconds', () => {
    const two = (ms: number) =>
      seen([
        moment(0, { ...follows(0), progress: at(4n), watermarks: at(5n) }),
        moment(ms, { ...follows(ms), progress: at(4n), watermarks: at(5n) }),
      ])
    expect(asksForUnread(two(1_000))).toBe(false)
    expect(asksForUnread(two(2_500))).toBe(true)
    expect(asksForUnread({ ...two(2_500), unread: true })).toBe(false)
  })

  test('no pace of reading, lag or clock makes one that reads on and follows look ill', () => {
    fc.assert(
      fc.property(
        fc.record({
          ms: fc.integer({ min: 1_500, max: 14_000 }),
          lag: fc.integer({ min: 0, max: 9_000 }),
          before: fc.bigInt({ min: 0n, max: 2n ** 60n }),
          read: fc.bigInt({ min: 0n, max: 1_000n }),
          ahead: fc.bigInt({ min: 0n, max: 1_000n }),
        }),
        ({ ms, lag, before, read, ahead }) => {
          const found = sourceFinding(
            seen([
              moment(0, {
                frontier: frontier(-lag),
                progress: at(before),
                watermarks: at(before + read),
              }),
              moment(ms, {
                frontier: frontier(ms - lag),
                progress: at(before + read),
                watermarks: at(before + read + ahead),
              }),
            ]),
            {},
          )
          expect(VERDICTS[found.verdict].status).toBe('healthy')
          expect(found.reason).toBeUndefined()
        },
      ),
    )
  })
})

describe('a sink', () => {
  test('one that goes on is well, however often it stalled', () => {
    const found = sinkFinding(
      seen(
        [moment(0, { frontier: frontier(-1_000) }), moment(2_000, { frontier: frontier(900) })],
        {
          stalls: 9,
          lastStall: { agoMs: 100, error: 'kafka: x' },
        },
      ),
      [],
      {},
    )
    expect(VERDICTS[found.verdict].status).toBe('healthy')
  })

  test('one that stands and stalled twice is broken, though it says running', () => {
    const found = sinkFinding(
      seen(
        [moment(0, { frontier: frontier(-1_000) }), moment(3_500, { frontier: frontier(-1_000) })],
        {
          stalls: 2,
          lastStall: { agoMs: 100, error: 'Broker: Transactional Id authorization failed' },
        },
      ),
      [],
      {},
    )
    expect(found).toMatchObject({ verdict: 'broken', reason: 'kafka-transaction-right' })
  })

  describe('one that stands, and is made from a source with a mass of records before it', () => {
    const standing = (ms: number) =>
      seen([moment(0, { frontier: frontier(-ms) }), moment(6_500, { frontier: frontier(-ms) })])
    const source = (verdict: 'flowing' | 'lagging', ms: number) => ({
      label: 'source "a"',
      finding: { verdict, because: '', lag: { ms }, settled: true },
    })
    const cases: [string, number, ReturnType<typeof source>, string, string | undefined][] = [
      ['as far as it', 40_000, source('flowing', 46_000), 'flowing', undefined],
      [
        'as far as it, which is too late',
        40_000,
        source('lagging', 46_000),
        'lagging',
        'lag-too-large',
      ],
      ['far behind it', 400_000, source('flowing', 46_000), 'stuck', 'sink-stuck'],
      [
        'behind one that follows the clock',
        40_000,
        source('flowing', 2_000),
        'stuck',
        'sink-stuck',
      ],
    ]
    test.each(cases)('%s', (...[, ms, upstream, verdict, reason]) => {
      const found = sinkFinding(standing(ms), [upstream], {})
      expect(found).toMatchObject({ verdict, settled: true })
      expect(found.reason).toBe(reason)
    })

    test('a second behind one that is nearly too late: it is looked at again', () => {
      const found = sinkFinding(standing(4_000), [source('flowing', 9_500)], {})
      expect(found).toMatchObject({ lag: { ms: 10_500 }, settled: false })
    })
  })
})

describe('records that do not fit', () => {
  const record = (value: string | number[] | null, key: string | null = null) => ({
    partition: 0,
    offset: '7',
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value as string),
  })
  const cases: [string, Parameters<typeof unfitIn>[1], ReturnType<typeof record>, number][] = [
    ['JSON', { valueFormat: 'json' }, record('{"a":1}'), 0],
    ['no JSON', { valueFormat: 'json' }, record('{"a":'), 1],
    ['a byte order mark before JSON', { valueFormat: 'json' }, record('\ufeff{}'), 1],
    ['text', { valueFormat: 'text' }, record('🙂'), 0],
    ['no UTF-8', { valueFormat: 'text' }, record([0xff]), 1],
    ['any bytes', { valueFormat: 'bytes' }, record([0xff]), 0],
    ['a tombstone', { valueFormat: 'json' }, record(null), 0],
    ['no key', { valueFormat: 'text', envelope: 'upsert' }, record('a'), 1],
    ['a key', { keyFormat: 'text', valueFormat: 'text', envelope: 'upsert' }, record('a', 'k'), 0],
    ['a key that is no JSON', { keyFormat: 'json', valueFormat: 'text' }, record('a', '{'), 1],
  ]
  test.each(cases)('%s', (...[, taken, one, count]) => {
    const found = unfitIn([one], taken)
    expect(found).toMatchObject({ looked: 1, count })
    expect(found.first).toEqual(count === 0 ? [] : [{ partition: 0, offset: '7' }])
  })
})

describe('the statement that gives a right', () => {
  const object = { database: 'm', schema: 'a.b', name: 'x"y' }
  const refused = (privilege: string, what: string) =>
    `permission denied. The 'r' role needs ${privilege} privileges on ${what} (42501)`
  const cases: [string, string][] = [
    [refused('SELECT', 'SOURCE "m.a.b.x\\"y"'), 'GRANT SELECT ON "m"."a.b"."x""y" TO "r"'],
    [refused('USAGE', 'SCHEMA "m.a.b"'), 'GRANT USAGE ON SCHEMA "m"."a.b" TO "r"'],
    [refused('USAGE', 'CLUSTER "c"'), 'GRANT USAGE ON CLUSTER "c" TO "r"'],
    [refused('SELECT', 'MATERIALIZED VIEW "d.e.f"'), 'GRANT SELECT ON "d"."e"."f" TO "r"'],
  ]
  test.each(cases)('%s', (words, expected) => {
    expect(missingGrant(words, { role: 'r', object })).toBe(expected)
  })

  test('none where the refusal says nothing of a right', () => {
    expect(missingGrant('must be owner of SOURCE x', { role: 'r', object })).toBeUndefined()
  })

  test('everybody’s rights and the owner’s count', () => {
    const relation = { name: object, owner: 'r', grants: [] }
    const schema = { owner: 's', grants: [{ to: 'PUBLIC', privileges: ['usage' as const] }] }
    expect(grantsToRead({ role: 'r', relation, schema })).toEqual([])
    expect(grantsToRead({ role: 'q', relation, schema })).toEqual([
      'GRANT SELECT ON "m"."a.b"."x""y" TO "q"',
    ])
  })
})
