import { describe, expect, test } from '@jest/globals'
import {
  readProgress,
  sinkVerdict,
  type SinkSight,
  type SourceExpectation,
  sourceVerdict,
  type SourceSight,
} from '../../src/core/proof.ts'

const health = {
  label: '"m"."p"."o"',
  status: 'running',
  hints: [],
  stalls: 0,
  recentStalls: 0,
  statusIsNew: true,
  watchedMs: 100,
}
const at = (...offsets: bigint[]) => offsets.map((offset, partition) => ({ partition, offset }))

describe('a source', () => {
  const cases: {
    name: string
    expected?: Partial<SourceExpectation>
    sight: Partial<SourceSight>
    state: 'proven' | 'waiting' | 'broken'
    reason?: string
  }[] = [
    {
      name: 'at the watermark, status still created',
      expected: { watermarks: at(4n) },
      sight: { status: 'created', progress: at(4n) },
      state: 'proven',
    },
    {
      name: 'past the watermark',
      expected: { watermarks: at(4n) },
      sight: { progress: at(5n) },
      state: 'proven',
    },
    {
      name: 'running and behind',
      expected: { watermarks: at(4n) },
      sight: { progress: at(3n) },
      state: 'waiting',
    },
    {
      name: 'one partition behind',
      expected: { watermarks: at(4n, 2n) },
      sight: { progress: at(4n, 1n) },
      state: 'waiting',
    },
    {
      name: 'a partition not seen yet',
      expected: { watermarks: at(4n, 2n) },
      sight: { progress: at(4n) },
      state: 'waiting',
    },
    {
      name: 'running, no progress at all',
      expected: { watermarks: at(4n) },
      sight: { progress: [] },
      state: 'waiting',
    },
    {
      name: 'empty topic, running',
      expected: { watermarks: at(0n) },
      sight: { progress: at(0n) },
      state: 'proven',
    },
    {
      name: 'empty topic, only created',
      expected: { watermarks: at(0n) },
      sight: { status: 'created', progress: at(0n) },
      state: 'waiting',
    },
    {
      name: 'empty topic, running after a stall',
      expected: { watermarks: at(0n) },
      sight: { recentStalls: 1, progress: at(0n) },
      state: 'waiting',
    },
    {
      name: 'stalled now',
      expected: { watermarks: at(4n) },
      sight: { status: 'stalled', error: 'kafka: GroupAuthorizationFailed', progress: [] },
      state: 'broken',
      reason: 'kafka-group-right',
    },
    {
      name: 'stalled now although it has read everything',
      expected: { watermarks: at(4n) },
      sight: { status: 'stalled', error: 'kafka: topic was deleted', progress: at(4n) },
      state: 'broken',
      reason: 'topic-deleted',
    },
    {
      name: 'stalled once and running again',
      expected: { watermarks: at(4n) },
      sight: { stalls: 1, progress: at(3n) },
      state: 'waiting',
    },
    {
      name: 'stalled twice, running between',
      expected: { watermarks: at(4n) },
      sight: { stalls: 2, progress: at(3n) },
      state: 'broken',
      reason: 'source-stalled',
    },
    {
      name: 'paused',
      expected: { watermarks: at(4n) },
      sight: { status: 'paused', progress: [] },
      state: 'broken',
      reason: 'cluster-without-replicas',
    },
    {
      name: 'no watermarks, progress went on',
      expected: { firstProgress: at(4n) },
      sight: { progress: at(5n) },
      state: 'proven',
    },
    {
      name: 'no watermarks, a partition came to be',
      expected: { firstProgress: [] },
      sight: { progress: at(4n) },
      state: 'proven',
    },
    {
      name: 'no watermarks, progress stands',
      expected: { firstProgress: at(4n) },
      sight: { progress: at(4n) },
      state: 'waiting',
    },
    {
      name: 'no watermarks, a row was read',
      expected: { rowsSeen: true },
      sight: { progress: at(4n) },
      state: 'proven',
    },
    {
      name: 'no watermarks, a row was read and then it stalled',
      expected: { rowsSeen: true },
      sight: { status: 'stalled' },
      state: 'broken',
      reason: 'source-stalled',
    },
    {
      name: 'progress may not be read',
      expected: { watermarks: at(4n) },
      sight: { blind: 'permission denied' },
      state: 'waiting',
    },
  ]
  test.each(cases)('$name: $state', ({ expected, sight, state, reason }) => {
    const verdict = sourceVerdict({ rowsSeen: false, ...expected }, { ...health, ...sight })
    expect(verdict.state).toBe(state)
    if (verdict.state === 'broken') expect(verdict.failure.reason).toBe(reason)
  })

  test('the hint names the right that is missing', () => {
    const verdict = sourceVerdict(
      { rowsSeen: false },
      {
        ...health,
        status: 'stalled',
        error: 'kafka: … GroupAuthorizationFailed (Broker: Group authorization failed)',
      },
    )
    expect(verdict).toMatchObject({ failure: { hint: expect.stringContaining('consumer group') } })
  })
})

describe('a sink', () => {
  const cases: {
    name: string
    sight: Partial<SinkSight>
    state: 'proven' | 'waiting' | 'broken'
  }[] = [
    { name: 'running, frontier past the change', sight: { writeFrontier: 1001n }, state: 'proven' },
    { name: 'running, frontier at the change', sight: { writeFrontier: 1000n }, state: 'waiting' },
    { name: 'running, no frontier', sight: {}, state: 'waiting' },
    { name: 'starting', sight: { status: 'starting' }, state: 'waiting' },
    {
      name: 'stalled in this run',
      sight: { status: 'stalled', error: 'kafka: x' },
      state: 'broken',
    },
    {
      name: 'stalled before this run, just begun to look',
      sight: { status: 'stalled', statusIsNew: false },
      state: 'waiting',
    },
    {
      name: 'stalled before this run, and still',
      sight: { status: 'stalled', statusIsNew: false, watchedMs: 3_001 },
      state: 'broken',
    },
    {
      name: 'running between two stalls',
      sight: { stalls: 2, error: 'kafka: x' },
      state: 'broken',
    },
    { name: 'running after one stall', sight: { stalls: 1 }, state: 'waiting' },
    {
      name: 'frontier past the change in spite of old stalls',
      sight: { stalls: 3, writeFrontier: 2000n },
      state: 'proven',
    },
    { name: 'paused', sight: { status: 'paused' }, state: 'broken' },
  ]
  test.each(cases)('$name: $state', ({ sight, state }) => {
    expect(sinkVerdict(1000n, { ...health, ...sight }).state).toBe(state)
  })
})

test('progress is read of partitions, not of the range of those unseen', () => {
  const rows = [
    { range: '(2,)', offset: '0' },
    { range: '[0,0]', offset: '4' },
    { range: '[12,12]', offset: '18446744073709551615' },
  ]
  expect(readProgress(rows)).toEqual([
    { partition: 0, offset: 4n },
    { partition: 12, offset: 18446744073709551615n },
  ])
})
