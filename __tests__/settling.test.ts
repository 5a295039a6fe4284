import { expect, test } from '@jest/globals'
import { startDeadline } from '../src/core/deadline.ts'
import { Failure } from '../src/core/failure.ts'
import type { ObservedObject } from '../src/core/observed.ts'
import { settled } from '../src/settling.ts'
import { applied, object, observed, planned, spec } from './core/plan-fixture.ts'

/** What another run makes at the same moment is a stranger’s only until it has its mark. */

const asked = spec({ connections: spec().connections.map((one) => ({ ...one, owner: 'etl' })) })
/** A secret that has been made and neither marked nor given to its owner. */
const bare = (id: string, name: string) => object(id, name, { type: 'secret' })
const done = ([first, second]: ObservedObject[] = applied()): ObservedObject[] =>
  [first, second].flatMap((one) => (one ? [{ ...one, owner: 'etl' }] : []))
const username = bare('u10', 'upstash_username')
const password = bare('u11', 'upstash_password')
const [usernameDone, passwordDone] = done() as [ObservedObject, ObservedObject]

const rows: { name: string; looks: ObservedObject[][]; refused: number; waits: number }[] = [
  { name: 'nothing in the way', looks: [[]], refused: 0, waits: 0 },
  {
    name: 'marked by the next look',
    looks: [[username], [usernameDone]],
    refused: 0,
    waits: 1,
  },
  {
    name: 'each look meets the next that is made',
    looks: [[username], [usernameDone, password], [usernameDone, passwordDone]],
    refused: 0,
    waits: 2,
  },
  { name: 'a stranger’s stays in the way', looks: [[username], [username]], refused: 1, waits: 1 },
  {
    name: 'one goes and another comes',
    looks: [[username], [bare('u20', 'upstash_username')], [bare('u20', 'upstash_username')]],
    refused: 1,
    waits: 2,
  },
]

const never = new AbortController().signal

test.each(rows)('$name: $waits wait(s), $refused refused', async ({ looks, refused, waits }) => {
  const [first = observed(), ...later] = looks.map((objects) => observed(objects))
  const slept: number[] = []
  const found = await settled(first, {
    plan: (now) => planned(asked, now),
    observe: () => {
      const next = later.shift()
      return next ? Promise.resolve(next) : Promise.reject(new Error('one look too many'))
    },
    edges: {
      clock: { now: () => 0, sleep: (ms) => (slept.push(ms), Promise.resolve()) },
      deadline: startDeadline({ timeoutMs: 60_000, now: () => 0, signal: never }),
    },
  })
  expect(planned(asked, found).refusals).toHaveLength(refused)
  expect(slept).toHaveLength(waits)
  expect(later).toEqual([])
})

test('a cancelled run does not wait', async () => {
  const cancelled = new Failure({ reason: 'cancelled', message: 'The run was cancelled.' })
  const waiting = settled(observed([username]), {
    plan: (now) => planned(asked, now),
    observe: () => Promise.reject(new Error('looked again')),
    edges: {
      clock: { now: () => 0, sleep: (_ms, signal) => Promise.reject(signal.reason as Error) },
      deadline: startDeadline({
        timeoutMs: 60_000,
        now: () => 0,
        signal: AbortSignal.abort(cancelled),
      }),
    },
  })
  await expect(waiting).rejects.toBe(cancelled)
})
