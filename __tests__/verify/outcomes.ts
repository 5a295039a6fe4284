import { writeFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { type Outcome, type SetUp, tableOf } from '../../test-support/pipeline/set-ups.ts'

/** Shows the table of what was said of each set-up, or keeps it beside the path in VERIFY_TABLE. */
export function printTable(outcomes: Outcome[], part: string): void {
  const path = process.env['VERIFY_TABLE']
  if (path) writeFileSync(`${path}-${part}`, tableOf(outcomes))
  else process.stdout.write(`${tableOf(outcomes)}\n`)
}

/** Holds what was said of a set-up against what it should be; a run that failed says it by its reason. */
export function expectAsSetUp(outcomes: Outcome[], setUp: SetUp): void {
  const outcome = outcomes.find((one) => one.setUp === setUp)
  if (outcome?.error) throw outcome.error
  const { object, run } = outcome ?? {}
  const reason = object?.reason ?? run?.report.failure?.reason
  expect({ verdict: object?.verdict ?? '', reason }).toEqual({
    verdict: setUp.verdict,
    reason: setUp.reason,
  })
  if (setUp.because) expect(object?.because).toMatch(setUp.because)
  if (setUp.runner) expect(object?.views?.runner).toMatch(setUp.runner)
  if (object && setUp.reason) expect(object.hint).toMatch(/\w/)
}
