import type { Difference } from './difference.ts'
import type { FailureFacts } from './failure.ts'
import * as sql from './sql.ts'
import type { ObjectKind } from './sql.ts'
import type { Wanted } from './wanted-model.ts'

/** What a replacement costs, by kind. */
const LOSSES: Partial<Record<ObjectKind, string>> = {
  connection: 'everything that goes by it would be made anew, too',
  source: 'it would read its topic again from its start',
  table: 'it would be filled again from its topic’s start',
  sink: 'it would send its snapshot again',
  view: 'it would be computed anew',
}

/** What dropping something of a kind and making it anew costs. */
export function lossOf(kind: ObjectKind): string {
  return LOSSES[kind] ?? 'what it holds would be lost'
}

/** In what a thing is not as asked for, and why that cannot be mended as it stands. */
export function refusal(wanted: Wanted, differences: Difference[], why: string): FailureFacts {
  const parts = differences.map(
    ({ attribute, there, asked }) =>
      `${attribute} is ${sql.literal(there)}, not ${sql.literal(asked)}`,
  )
  return {
    reason: 'definition-differs',
    message: `The ${wanted.kind} ${sql.targetName(wanted)} ${why}: ${parts.join('; ')}.`,
    inputs: [wanted.input],
  }
}
