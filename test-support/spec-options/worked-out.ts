import type { Difference } from '../../src/core/difference.ts'
import type { Spec } from '../../src/core/model.ts'
import { type Plan, planSql, statementsOf } from '../../src/core/plan.ts'
import { topicSteps } from '../../src/core/topics.ts'
import type { Example } from './example.ts'
import { empty, planned, shownAs } from './shown.ts'
import { IT, specWith, subjectOf } from './whole.ts'

/** What comes of an option, worked out by the action’s own planner and never written down. */
export interface WorkedOut {
  /** Statements that make everything, as they may be shown, without the option and with it. */
  without: string[]
  made: string[]
  /** In what the object without the option differs from the one with it. */
  differences: Difference[]
  /**
   * How the option comes to an object that is there. anew: it is part of the object’s name, and makes
   * another one. run: nothing of it is kept; each run does as it says. refused: not at all.
   */
  change: 'alter' | 'replace' | 'anew' | 'run' | 'refused'
  /** Statements that change the object. */
  changing: string[]
}

export function workedOut(key: string, { base = {}, set }: Example): WorkedOut {
  const [before, after] = [specWith(key, [base]), specWith(key, [base, set])]
  const sql = (spec: Spec) => planSql(planned(spec, empty()))
  const made = { without: sql(before), made: sql(after) }
  const there = shownAs(before)
  const { kind } = subjectOf(key)
  if (kind === 'topic') {
    const topics = topicSteps(after, there).steps
    const step = topics.find((one) => one.spec.name === IT)
    const differences = step?.differences ?? []
    return { ...made, differences, change: wayOf(step?.action, differences), changing: [] }
  }
  const plan = planned(after, there)
  const step = stepOf(plan, kind)
  const differences = step?.differences ?? []
  const changing = step ? statementsOf(step).map(({ shown }) => shown) : []
  return { ...made, differences, change: wayOf(step?.action, differences), changing }
}

/** What is left to do where all is as the spec says: nothing, if the examples’ catalog is right. */
export function leftToDo(key: string, { base = {}, set }: Example): Difference[] {
  const spec = specWith(key, [base, set])
  return planned(spec, shownAs(spec)).steps.flatMap((step) => step.differences)
}

function stepOf(plan: Plan, kind: string) {
  return plan.steps.find((step) => step.kind === kind && step.name.name === IT)
}

function wayOf(action: string | undefined, differences: Difference[]): WorkedOut['change'] {
  if (action === 'create') return 'anew'
  if (differences.some(({ means }) => means === 'impossible')) return 'refused'
  if (differences.some(({ means }) => means === 'replace')) return 'replace'
  return differences.length > 0 ? 'alter' : 'run'
}
