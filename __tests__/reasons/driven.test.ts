import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { REASONS } from '../../src/core/failure.ts'
import { REASON_TEXTS } from '../../src/core/reasons.ts'
import { objectIn, runHere } from '../../test-support/pipeline/run-here.ts'
import { startServices } from '../../test-support/pipeline/services.ts'
import { Bench } from '../../test-support/pipeline/set-ups.ts'
import { drivenBy } from './set-ups.ts'
import { ELSEWHERE, NOT_DRIVEN } from './elsewhere.ts'

/** Every reason is reached by something that really happens: here, or in the test that is named. */

let bench: Bench
beforeAll(async () => {
  bench = new Bench(await startServices({ roles: [{ name: 'poor' }] }))
}, 60_000)
afterAll(async () => {
  await bench.services.stop()
})

const DRIVEN = drivenBy(() => bench)

describe('every reason', () => {
  test.each(DRIVEN)(
    '$reason: $name',
    async ({ reason, make, because }) => {
      const inputs = await make()
      const { report } = await runHere(inputs)
      bench.services.onStatement = undefined
      expect(report.failure).toMatchObject({ reason, hint: expect.stringMatching(/\w/) })
      expect(report.failure?.message).toMatch(because)
      const named = inputs['sources'] ?? inputs['sinks']
      if (named !== undefined) expect(objectIn(report, named)?.reason).toBe(reason)
    },
    60_000,
  )

  test.each(REASONS)('%s is driven somewhere', (reason) => {
    const isHere = DRIVEN.some((one) => one.reason === reason)
    const there = ELSEWHERE[reason]
    const ways = [isHere, there !== undefined, NOT_DRIVEN[reason] !== undefined]
    expect(ways.filter(Boolean)).toHaveLength(1)
    if (!there) return
    const [file, title] = there
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    const begins = text.indexOf(title)
    expect(begins).toBeGreaterThanOrEqual(0)
    // As what that very test ends with: no other one begins in between.
    const [own] = text
      .slice(begins + title.length)
      .split(/\n {0,2}test[.(](?!each\(cases)|\n {4}name: /)
    expect(own).toMatch(new RegExp(`(reason'?: |toBe\\()'${reason}'`))
  })

  test.each(REASON_TEXTS)('$reason says what it is, what to do, and where to read on', (text) => {
    expect(text.meaning).toMatch(/^[A-Z].*\.$/)
    expect(text.hint).toMatch(/^[A-Z].*\.$/)
    const [file = '', heading = ''] = text.anchor.split('#')
    const page = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    expect(page).toContain(`\n## ${heading}\n`)
  })

  test('what is not driven, and why', () => {
    for (const [reason, why] of Object.entries(NOT_DRIVEN)) {
      process.stdout.write(`not driven: ${reason}, ${why}\n`)
    }
  })
})
