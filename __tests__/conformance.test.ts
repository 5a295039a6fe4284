import { describe, expect, test } from '@jest/globals'
import { gapFor, KNOWN_GAPS } from '../test-support/materialize/conformance/known-gaps.ts'
import type { Outcome } from '../test-support/materialize/conformance/replay.ts'
import { GROUPS, replayGroup } from '../test-support/materialize/conformance/run.ts'

/**
 * The stand-in against what a real Materialize answered. How much agrees is printed and not asserted; what
 * is asserted is that every disagreement has a reason and that no reason has become idle.
 */
const outcomes: Outcome[] = []

function share(file: string): string {
  const of = outcomes.filter((outcome) => outcome.file === file)
  return `${file}: ${of.filter((outcome) => outcome.agrees).length} of ${of.length} agree`
}

function report(): string {
  const files = [...new Set(outcomes.map((outcome) => outcome.file))]
  return files
    .flatMap((file) => [
      share(file),
      ...outcomes
        .filter((outcome) => outcome.file === file && !outcome.agrees)
        .map(({ sql }) => `  ${sql.slice(0, 90)} — ${gapFor(file, sql)?.reason ?? 'NO REASON'}`),
    ])
    .join('\n')
}

describe('the stand-in for Materialize', () => {
  test.each(GROUPS.map((group) => [group.join(', '), group]))(
    'answers as recorded, or otherwise for a known reason: %s',
    async (_name, group) => {
      const of = await replayGroup(
        group as string[],
        (file, sql) => gapFor(file, sql) !== undefined,
      )
      outcomes.push(...of)
      const surprising = of.filter(
        ({ agrees, file, sql }) => !agrees && gapFor(file, sql) === undefined,
      )
      expect(surprising).toEqual([])
    },
    120_000,
  )

  test('has no reason left for a disagreement that is gone', () => {
    process.stdout.write(`${report()}\n`)
    const idle = KNOWN_GAPS.filter(
      (gap) =>
        !outcomes.some((outcome) => !outcome.agrees && gapFor(outcome.file, outcome.sql) === gap),
    )
    expect(idle).toEqual([])
  })
})
