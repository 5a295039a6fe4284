import { readCatalog } from './catalog.ts'
import { environmentTag } from './core/environment-names.ts'
import { givenFor, markedEnvironments } from './core/environment-sweep.ts'
import { Failure, survived } from './core/failure.ts'
import { isOf } from './core/marker.ts'
import { type Inputs, type Spec, specOf } from './core/model.ts'
import { type Observed, type ObservedObject, sameName } from './core/observed.ts'
import { plannedChange, type Report } from './core/report.ts'
import { qualified, targetName } from './core/sql.ts'
import { teardown } from './core/teardown.ts'
import { sha256 } from './environment.ts'
import { NOT_LOOKED } from './grants.ts'
import type { MaterializeSession } from './ports.ts'
import { standingOf, whatIsOver } from './sweep-pulls.ts'
import { takeDown } from './take-down.ts'
import { combine, type Edges, type Planned, type Sights } from './work.ts'

export interface Sweeping {
  inputs: Inputs
  edges: Edges
  report: Report
  session: MaterializeSession
  open(purpose: string): Promise<MaterializeSession>
}

/**
 * Removes the environments of this repository whose time is over or whose pull request is closed, one
 * after another, or lists what it would remove. One that cannot be removed does not keep the others; the
 * first of them is the failure.
 */
export async function sweep(of: Sweeping): Promise<void> {
  const { edges, session, report } = of
  const { repository, clock, log } = edges
  const all = markedEnvironments(await readCatalog(session, { names: new Set() }), repository)
  const over = await whatIsOver(all, of)
  log.info(
    `${String(over.length)} of ${String(all.length)} environment(s) of ${repository} are over`,
  )
  const failures: Failure[] = []
  for (const { name, schemas, because } of over) {
    log.group(`Environment ${name}`)
    log.info(because)
    try {
      const observed = await readCatalog(session, { names: new Set(), schemas })
      // Another run may have set its time anew, or removed it, and a pull request been opened again.
      const now = markedEnvironments(observed, repository).find((one) => one.name === name)
      const { pullRequests } = edges
      const standing = now && (await standingOf(now, { now: clock.now(), pullRequests }))
      if (typeof standing !== 'object') continue
      await remove(name, observed, of)
    } catch (thrown) {
      const failure = survived(thrown)
      failures.push(
        new Failure({
          reason: failure.reason,
          message: `The environment ${JSON.stringify(name)} stays: ${failure.message}`,
          hint: failure.hint,
          inputs: failure.inputs,
        }),
      )
    }
  }
  report.hasChanges = report.plannedChanges.length > 0
  if (failures.length > 0) throw combine(failures)
}

async function remove(name: string, observed: Observed, of: Sweeping): Promise<void> {
  const { inputs, edges, report, session, open } = of
  const { repository } = edges
  const tag = environmentTag({ name, repository }, sha256)
  const environment = { name, tag }
  const own = observed.objects.filter((one) => one.connection && isOf(one.marker, repository, name))
  const spec = specByMarks(own, inputs)
  const planned: Planned = {
    ...teardown(spec, observed, { repository, dropDependents: false, environment }),
    ...{ topics: [], acls: [] },
  }
  if (planned.refusals.length > 0) throw combine(planned.refusals)
  const sights = sightsOf(own, { inputs, edges })
  for (const one of own) {
    if (!sights.of(one.name) && (one.marker?.topics ?? []).length > 0) throw unseen(one)
  }
  if (inputs.dryRun) {
    for (const step of planned.steps) {
      report.plannedChanges.push(plannedChange(step.kind, targetName(step)))
    }
    for (const topic of own.flatMap((one) => one.marker?.topics ?? [])) {
      report.plannedChanges.push(plannedChange('topic', topic))
    }
    report.planSql.push(...planned.drops.map((drop) => drop.statement.shown))
    return
  }
  await takeDown(planned, {
    ...{ edges, report, session, observed, sights, open },
    ...{ granting: NOT_LOOKED, plan: () => planned },
    inputs: { ...inputs, spec, environment, deleteTopics: true },
  })
}

/** Of the spec only its connections matter, by which topics, groups and rules are found. */
function specByMarks(own: ObservedObject[], { spec }: Inputs): Spec {
  const connections = own.map((one) => {
    const kafka = givenFor(one, spec.connections)?.kafka
    return { name: one.name, secrets: {}, ...(kafka && { kafka }) }
  })
  return specOf({ connections })
}

/** Nothing is looked at beforehand: topics are known by the marks. */
function sightsOf(own: ObservedObject[], of: Pick<Sweeping, 'inputs' | 'edges'>): Sights {
  return {
    of: (name) => {
      const found = own.find((one) => sameName(one.name, name))
      const given = found && givenFor(found, of.inputs.spec.connections)
      const kafka = given && of.inputs.kafkaCheck !== 'never' ? of.edges.kafka(given) : undefined
      if (!given || !kafka) return undefined
      const keeper = of.edges.kafkaAdmin?.(given) ?? kafka
      return { view: { brokers: [], topics: [] }, kafka, keeper }
    },
  }
}

function unseen({ name, connection, marker }: ObservedObject): Failure {
  const brokers = connection?.brokers.join(', ') ?? ''
  const topics = marker?.topics?.join(', ') ?? ''
  return new Failure({
    reason: 'input-invalid',
    message: `this run has no way to the Kafka of ${qualified(name)} (${brokers}), where its topics are: ${topics}.`,
    hint: 'Give kafka-brokers with a login, or a spec with the connection, as the step has them that makes the environments.',
    inputs: ['kafka-brokers', 'spec'],
  })
}
