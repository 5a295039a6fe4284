import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Look, startHealthy, STATES } from '../../test-support/pipeline/healthy.ts'
import { type LookAtMany, lookAtMany, makeMany } from '../../test-support/pipeline/many.ts'
import { startServices } from '../../test-support/pipeline/services.ts'
import { Bench } from '../../test-support/pipeline/set-ups.ts'

/** Pipelines that work are not called ill, and many of them are looked at without many questions. */

const ROUNDS = 3

let bench: Bench
beforeAll(async () => {
  bench = new Bench(await startServices())
})
afterAll(async () => {
  await bench.services.stop()
})

describe('a pipeline that works', () => {
  const looks: Look[] = []
  beforeAll(async () => {
    const healthy = await startHealthy(bench)
    for (let n = 0; n < ROUNDS; n++) {
      looks.push(...(await Promise.all(STATES.map((state) => healthy.look(state)))))
    }
    await healthy.stop()
  }, 300_000)

  test.each(STATES)('%s: no false alarm', (state) => {
    const own = looks.filter((look) => look.state === state)
    expect(own).toHaveLength(ROUNDS)
    expect(own.flatMap(({ alarm }) => alarm ?? [])).toEqual([])
  })
})

describe('many sources of which one is broken', () => {
  const looks: LookAtMany[] = []
  beforeAll(async () => {
    for (const count of [10, 20]) {
      const inputs = await makeMany(bench, { schema: `many_${String(count)}`, count })
      looks.push(await lookAtMany(bench, inputs))
    }
  }, 120_000)

  test('the one is found, and why', () => {
    expect(looks.map(({ verdicts }) => verdicts.length)).toEqual([10, 20])
    const ill = looks.map((look) => look.ill.map(({ object, reason }) => [object, reason]))
    expect(ill).toEqual([
      [['"materialize"."many_10"."s009"', 'kafka-login']],
      [['"materialize"."many_20"."s019"', 'kafka-login']],
    ])
  })

  test('the catalog is asked no more for twice as many', () => {
    // Each look takes seven, and a look more or less is a matter of time.
    const [ten, twenty] = looks.map(({ catalog }) => catalog)
    expect(ten).toBeLessThan(60)
    expect(twenty).toBeLessThan(60)
  })

  test('each relation is read a few times, over a few sessions', () => {
    for (const { verdicts, reads, sessions } of looks) {
      expect(reads).toBeLessThanOrEqual(6 * verdicts.length)
      expect(sessions).toBeLessThanOrEqual(8)
    }
  })
})
