import type { Difference } from './difference.ts'
import type { Environment } from './environment.ts'
import type { Failure } from './failure.ts'
import type { Marker } from './marker.ts'
import type { QualifiedName } from './model-object.ts'
import { commentOn, lookIn, type ObjectKind, type Statement, type Target } from './sql.ts'

/**
 * create: make it and mark it as ours. write: give a secret of ours its value again, which cannot be
 * compared. alter: change it as it stands. replace: drop it and make it anew. keep: leave it. drop:
 * it is ours and no longer asked for.
 */
export type Action = 'create' | 'write' | 'alter' | 'replace' | 'keep' | 'drop'

/** foreign: it is there and this action did not make it. */
export type Ownership = 'ours' | 'foreign' | 'adopted'

export interface Step extends Target {
  action: Action
  ownership: Ownership
  differences: Difference[]
  /** What makes or changes the object, or checks it; sent one by one. */
  statements: Statement[]
  /** The comment to write then: the user’s own words and our mark. */
  mark?: { own: string; marker: Marker }
  /** Sent after the mark: grants, and the owner last of all, since it gives the object away. */
  finish: Statement[]
  /** The catalog’s id, where the object is there already. */
  id?: string
}

export interface Drop {
  target: Target
  statement: Statement
}

export interface Plan {
  /** Sent first: the note of what is about to be made. */
  before: Statement[]
  /** What is dropped, dependents first: objects that are replaced, orphans, or all at teardown. */
  drops: Drop[]
  /** In the order of their dependencies. */
  steps: Step[]
  /** What is dropped when the steps are taken, which until then need it. */
  dropsAfter: Drop[]
  /** Sent last: takes the note away. */
  after: Statement[]
  /** Why nothing may be done; with one of these no step is taken. */
  refusals: Failure[]
  /** What the user should know and what changes nothing. */
  notes: string[]
}

export interface PlanOptions {
  repository: string
  /** The spec file’s path; undefined for a spec without one, which has no orphans. */
  specFile?: string
  /** The spec is a part of another one: what is not in it is no orphan. */
  isPart?: true
  /** Takes foreign objects of the spec’s names into our keeping. */
  adopt: boolean
  /** Drops what is ours and no longer in the spec. */
  prune: boolean
  /** Which objects may be dropped and made anew. */
  mayReplace(target: Target): boolean
  /** Of an environment: what it makes is marked as its own. */
  environment?: Pick<Environment, 'name' | 'until' | 'pull'>
  /** Of a canary: what it makes is marked as its own and not as a spec’s. */
  canary?: { id: string; until: string }
  /**
   * Topics about to be made by a connection. A topic has no comment: the mark of its connection says
   * that we made it, and says so before it is made, so that no kill loses it.
   */
  newTopics(connection: QualifiedName): string[]
  /** Rules (ACLs) about to be made for a connection, as acl.ts notes them; likewise. */
  newAcls?(connection: QualifiedName): string[]
}

export function emptyPlan(): Plan {
  return { before: [], drops: [], steps: [], dropsAfter: [], after: [], refusals: [], notes: [] }
}

/**
 * The steps in groups, each of which needs only those before it; within one, no step needs another.
 * The first thing made stands alone if nothing holds the note of what is about to be made before: its
 * mark holds it for all others.
 */
export function waves({ before, steps }: Pick<Plan, 'before' | 'steps'>): Step[][] {
  const first = before.length === 0 ? firstMade(steps) : undefined
  return byNeed(steps)
    .flatMap((wave) => [
      wave.filter((step) => step === first),
      wave.filter((step) => step !== first),
    ])
    .filter((wave) => wave.length > 0)
}

export function isMade({ action }: Step): boolean {
  return action === 'create' || action === 'replace'
}

/** The first of the steps that makes something, in the order in which they are taken. */
export function firstMade(steps: Step[]): Step | undefined {
  return byNeed(steps).flat().find(isMade)
}

/** Views may be made from views, so that each stands alone. */
function byNeed(steps: Step[]): Step[][] {
  const of = (...kinds: ObjectKind[]): Step[] => steps.filter(({ kind }) => kinds.includes(kind))
  return [
    of('schema'),
    of('cluster', 'secret'),
    of('connection'),
    of('source'),
    of('table'),
    ...of('view').map((view) => [view]),
    of('sink'),
  ]
}

/** All that a step sends, in order; the statement that makes or changes the object comes first. */
export function statementsOf(step: Step): Statement[] {
  const mark = step.mark ? [commentOn(step, step.mark)] : []
  return [...step.statements, ...mark, ...step.finish]
}

/** Whether the plan would change anything but the values of secrets, which cannot be compared. */
export function hasChanges(plan: Plan): boolean {
  return (
    plan.drops.length + plan.dropsAfter.length > 0 ||
    plan.steps.some(
      (step) => !['keep', 'write'].includes(step.action) || step.differences.length > 0,
    )
  )
}

/** Every statement the plan would send, as it may be shown. */
export function planSql(plan: Plan): string[] {
  const view = plan.steps.find((step) => step.kind === 'view' && step.statements.length > 0)
  return [
    ...(view ? lookIn(view.name) : []),
    ...plan.before,
    ...plan.drops.map((drop) => drop.statement),
    ...plan.steps.flatMap(statementsOf),
    ...plan.dropsAfter.map((drop) => drop.statement),
    ...plan.after,
  ].map((statement) => statement.shown)
}
