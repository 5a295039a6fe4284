import { rightText } from './core/acl.ts'
import { Failure } from './core/failure.ts'
import { asKnown } from './core/kafka-needs.ts'
import { hasChanges, planSql } from './core/plan.ts'
import { sameName } from './core/observed.ts'
import { type PlannedChange, stepReport } from './core/report.ts'
import { targetName } from './core/sql.ts'
import { note } from './observe.ts'
import { checkPlan } from './plan-check.ts'
import { combine, type Planned, type Work } from './work.ts'

/** The plan, for people and machines. */
export function tellPlan(planned: Planned, { report, edges }: Work): void {
  report.hasChanges =
    hasChanges(planned) ||
    planned.topics.some((step) => step.action !== 'keep') ||
    planned.acls.length > 0
  report.planSql = planSql(planned)
  for (const step of planned.steps) {
    for (const { attribute, there, asked } of step.differences) {
      edges.log.info(`${step.kind} ${step.name.name}: ${attribute} is ${there}, asked is ${asked}`)
    }
  }
  for (const { spec, differences } of planned.topics) {
    for (const { attribute, there, asked } of differences) {
      edges.log.info(`topic ${spec.name}: ${attribute} is ${there}, asked is ${asked}`)
    }
  }
}

/** Of mode plan: says what provision would do, and what Materialize says to that if it is asked. */
export async function endPlan(planned: Planned, work: Work): Promise<void> {
  const { report, inputs } = work
  report.objects.push(...planned.steps.map(stepReport))
  const refused = planned.refusals.filter(
    ({ reason }) => reason === 'definition-differs' || reason === 'dependents-exist',
  )
  if (refused.length < planned.refusals.length) throw combine(planned.refusals)
  for (const refusal of refused) {
    note(`Provisioning this would be refused: ${refusal.message} ${refusal.hint}`, work)
  }
  report.plannedChanges = plannedChanges(planned)
  if (inputs.planCheck === 'server') {
    const checked = await checkPlan(planned, work)
    for (const { step, result, failure, why } of checked) {
      const change = report.plannedChanges.find(
        ({ kind, object }) => kind === step.kind && object === targetName(step),
      )
      const because = failure?.message ?? why
      if (change) change.check = { result, ...(because === undefined ? {} : { because }) }
      const object = report.objects.find(
        ({ kind, name }) => kind === step.kind && sameName(name, step.name),
      )
      if (object) object.because = `server: ${result}${because === undefined ? '' : `, ${because}`}`
    }
    const failures = checked.flatMap(({ failure }) => failure ?? [])
    if (failures.length > 0) throw combine(failures)
  }
  if (inputs.failOnChanges && report.hasChanges) {
    throw new Failure({
      reason: 'changes-found',
      message: `${String(report.plannedChanges.length)} thing(s) are not as the spec says.`,
    })
  }
}

function plannedChanges(planned: Planned): PlannedChange[] {
  const objects = planned.steps
    .filter((step) => step.differences.length > 0 || !['keep', 'write'].includes(step.action))
    .map((step) => ({ ...step, object: targetName(step) }))
  const topics = planned.topics
    .filter((step) => step.action !== 'keep')
    .map((step) => ({ ...step, object: step.spec.name, kind: 'topic' as const }))
  const acls = planned.acls.map((step) => ({
    object: rightText(asKnown(step.right)),
    kind: 'acl' as const,
    action: 'create' as const,
    differences: [],
  }))
  return [...objects, ...topics, ...acls].map(({ object, kind, action, differences }) => ({
    object,
    kind,
    action,
    differences,
  }))
}
