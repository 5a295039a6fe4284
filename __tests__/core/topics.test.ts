import { describe, expect, test } from '@jest/globals'
import type { ObservedTopic } from '../../src/core/observed.ts'
import { topicSteps } from '../../src/core/topics.ts'
import { applied, at, observed, spec } from './plan-fixture.ts'

const connection = at('upstash')
const asked = spec({
  topics: [
    { name: 'hello', connection, partitions: 2, replicationFactor: -1, config: { a: 'true' } },
  ],
})
const there = (change: Partial<ObservedTopic> = {}): ObservedTopic => ({
  connection,
  name: 'hello',
  exists: true,
  partitions: 2,
  replicationFactor: 1,
  config: new Map([['a', 'true']]),
  ...change,
})

describe('a topic of the spec', () => {
  const cases: {
    name: string
    topics: ObservedTopic[]
    step: { action: string; ours: boolean }
    refused?: true
  }[] = [
    {
      name: 'Kafka was not seen: not ours to delete one day',
      topics: [],
      step: { action: 'create', ours: false },
    },
    {
      name: 'not there',
      topics: [there({ exists: false })],
      step: { action: 'create', ours: true },
    },
    { name: 'there and as asked', topics: [there()], step: { action: 'keep', ours: false } },
    {
      name: 'fewer partitions',
      topics: [there({ partitions: 1 })],
      step: { action: 'alter', ours: false },
    },
    {
      name: 'more partitions',
      topics: [there({ partitions: 3 })],
      step: { action: 'alter', ours: false },
      refused: true,
    },
    {
      name: 'a setting written otherwise',
      topics: [there({ config: new Map([['a', 'TRUE']]) })],
      step: { action: 'keep', ours: false },
    },
    {
      name: 'another setting',
      topics: [there({ config: new Map([['a', 'false']]) })],
      step: { action: 'alter', ours: false },
    },
    {
      name: 'settings that may not be seen',
      topics: [there({ config: undefined })],
      step: { action: 'keep', ours: false },
    },
  ]
  test.each(cases)('$name', ({ topics, step, refused }) => {
    const { steps, refusals } = topicSteps(asked, observed(applied(), { topics }))
    expect(steps).toMatchObject([step])
    expect(refusals).toHaveLength(refused ? 1 : 0)
  })
})
