import { environmentOf, named, readCatalog, selectionOf } from './catalog.ts'
import { aclCommand, allowing, noteOfAcl, OWN_ID, resolvedNote, rightText } from './core/acl.ts'
import { aclsElsewhere } from './core/acl-marks.ts'
import { EVERYBODY } from './core/acl-judge.ts'
import type { AclStep } from './core/acl-steps.ts'
import { describeFailure, Failure, survived } from './core/failure.ts'
import {
  doubtText,
  type Grant,
  grantsFailure,
  grantsOf,
  isMendable,
  type Knowledge,
  lackingOf,
  missingOf,
  questionsOf,
  unseenGrants,
} from './core/kafka-grants.ts'
import { canaryPrefix } from './core/canary-names.ts'
import { canariesAsked } from './core/canary-tasks.ts'
import { asKnown, type NamingFacts, needsOf } from './core/kafka-needs.ts'
import type { ConnectionSpec, KafkaConnection } from './core/model-connection.ts'
import type { QualifiedName } from './core/model-object.ts'
import type { Inputs } from './core/model.ts'
import { findObject, type Observed, sameName } from './core/observed.ts'
import { isMade, type Step } from './core/plan.ts'
import { fail, type GrantReport, type Report } from './core/report.ts'
import { literals, statement } from './core/sql.ts'
import { note } from './observe.ts'
import type { Kafka, KafkaAcls, MaterializeSession } from './ports.ts'
import type { Edges, Planned, Work } from './work.ts'

/** What is known of the rights that are needed, and what follows from it. */
export interface Granting {
  looked: Looked[]
  /** Rules to add. */
  acls: AclStep[]
  /** Rules that are there by another connection of this action’s: the last of them to go removes them. */
  shared: AclStep[]
  /** Why nothing is to be made in Materialize. */
  failure?: Failure
}

/** The rights that a connection’s user needs. */
interface Looked {
  connection: ConnectionSpec
  grants: Grant[]
}

interface Looking {
  inputs: Inputs
  edges: Edges
  report: Report
  session: MaterializeSession
  observed: Observed
  /** What a plan would do, by which ids are told that will change. */
  plan(): { steps: readonly Step[] }
  /** The connection’s Kafka, where the runner sees it. */
  kafkaOf(connection: ConnectionSpec): (Kafka & KafkaAcls) | undefined
}

export const NOT_LOOKED: Granting = { looked: [], acls: [], shared: [] }

/** Looks at the rights that sources and sinks need, if the inputs ask for it. Changes nothing. */
export async function lookAtGrants(of: Looking): Promise<Granting> {
  const { inputs, edges, report } = of
  const what = inputs.grants?.what ?? 'none'
  if (what === 'none') return NOT_LOOKED
  edges.log.group('Rights in Kafka')
  const environment = await environmentOf(of.session)
  const { steps } = of.plan()
  const looked: Looked[] = []
  const acls: AclStep[] = []
  const shared: AclStep[] = []
  const failures: Failure[] = []
  for (const connection of inputs.spec.connections) {
    const grants = await grantsOn(connection, environment, { ...of, steps })
    const lacking = lackingOf(grants)
    looked.push({ connection, grants })
    tell({ connection, grants }, { report, edges })
    if (what !== 'ensure') continue
    shared.push(...sharedOf({ connection, grants }, of.observed))
    if (lacking.length === 0) continue
    const refusal = ensureRefusal(connection, steps)
    if (refusal) {
      failures.push(refusal)
      continue
    }
    const principal = principalOf(connection.kafka) ?? ''
    acls.push(...lacking.map((right) => ({ connection: connection.name, right, principal })))
  }
  const missing = missingOf(looked.flatMap(({ grants }) => grants))
  const stays = what === 'ensure' ? missing.filter(({ doubt }) => doubt === 'denied') : missing
  const failure = failures[0] ?? grantsFailure(stays)
  return { looked, acls, shared, ...(failure && { failure }) }
}

/** What it has by rules that the marks of others list. */
function sharedOf({ connection, grants }: Looked, observed: Observed): AclStep[] {
  const principal = principalOf(connection.kafka)
  if (principal === undefined) return []
  const listed = aclsElsewhere(observed, [connection.name])
  return grants
    .filter(
      (right) =>
        right.state === 'has' && listed.some(({ note }) => note === noteOfAcl(right, principal)),
    )
    .map((right) => ({ connection: connection.name, right, principal }))
}

/** A mark must be able to hold what is made, or no teardown would know of it. */
function ensureRefusal({ name }: ConnectionSpec, steps: readonly Step[]): Failure | undefined {
  const step = steps.find((one) => one.kind === 'connection' && sameName(one.name, name))
  if (step && step.ownership !== 'foreign') return undefined
  return new Failure({
    reason: 'definition-differs',
    message: `Rules (ACLs) are missing, and the connection ${name.name} was not made by this action: its mark cannot hold which rules are added, so none is.`,
    hint: 'Set adopt to true to take the connection into the action’s keeping, or add the rules by the lines in log and summary.',
    inputs: ['grants', 'adopt'],
  })
}

async function grantsOn(
  connection: ConnectionSpec,
  environment: string,
  of: Looking & { steps: readonly Step[] },
): Promise<Grant[]> {
  const facts = namingFacts(environment, of)
  const names = (exists: NamingFacts['exists']) =>
    needsOf(connection, of.inputs.spec, { ...facts, exists })
  const kafka = of.kafkaOf(connection)
  if (!kafka) return unseenGrants(names(() => undefined))
  try {
    const admin = of.edges.kafkaAdmin?.(connection)
    const topics = names(() => true).flatMap(({ resource, name }) =>
      resource === 'topic' && !name.endsWith(OWN_ID) ? name : [],
    )
    const exists = await existing([...new Set(topics)], admin ?? kafka)
    const needs = names(exists)
    const knowledge = await knowledgeOf(connection, { ...of, kafka, admin, needs })
    return grantsOf(needs, knowledge)
  } catch (thrown) {
    const failure = survived(thrown)
    // Mode verify says of each object what could not be seen of it.
    if (of.inputs.mode !== 'verify') throw failure
    note(`Rights in Kafka were not seen: ${describeFailure(failure)}`, of)
    return unseenGrants(names(() => undefined))
  }
}

function namingFacts(
  environment: string,
  of: Pick<Looking, 'observed' | 'inputs' | 'edges'> & { steps: readonly Step[] },
): Omit<NamingFacts, 'exists'> {
  const { observed, steps, inputs, edges } = of
  const stays = (name: QualifiedName) =>
    steps.some((step) => isMade(step) && sameName(step.name, name))
      ? undefined
      : findObject(observed, name)
  return {
    environment,
    idOf: (name) => stays(name)?.id,
    groupOf: (source) => stays(source)?.source?.groupId,
    progressTopicOf: (connection) => stays(connection)?.connection?.progressTopic,
    canaries: { tasks: canariesAsked(inputs), prefix: canaryPrefix(edges.repository) },
  }
}

/** Which of the topics are there; of one that the user may not see, nothing is told. */
async function existing(topics: string[], kafka: Kafka): Promise<NamingFacts['exists']> {
  const seen = topics.length === 0 ? [] : (await kafka.look(topics)).topics
  return (name) => {
    // One that is named after a connection that is not there yet.
    if (name.endsWith(OWN_ID)) return false
    const view = seen.find((one) => one.name === name)
    if (!view || (view.exists && view.partitions === 0)) return undefined
    return view.exists
  }
}

async function knowledgeOf(
  { name, kafka: settings }: ConnectionSpec,
  of: Looking & {
    kafka: Kafka & KafkaAcls
    admin: (Kafka & KafkaAcls) | undefined
    needs: Parameters<typeof questionsOf>[0]
  },
): Promise<Knowledge> {
  const { kafka, admin, needs, inputs } = of
  const told = await kafka.rights({ ...questionsOf(needs), attempt: true })
  const principal = principalOf(settings)
  if (principal === undefined) return { told }
  const listing = await (admin ?? kafka).listAcls([principal, EVERYBODY])
  if ('acls' in listing) return { told, listing: { acls: listing.acls, principal } }
  if (listing.unlisted === 'no-authorizer') return { told, isOpen: true }
  if (inputs.grants?.what === 'ensure') throw listing.failure
  const words = `Rules (ACLs) of the Kafka of connection ${name.name} cannot be listed`
  note(`${words}; what the broker itself tells counts: ${listing.failure.message}`, of)
  return { told }
}

/**
 * By what name the authorizer knows the user, where that is sure: a certificate’s name depends on the
 * broker’s mapping, and an API key of Confluent Cloud stands for another account.
 */
function principalOf(kafka: KafkaConnection | undefined): string | undefined {
  if (!kafka || kafka.provider === 'confluent-cloud') return undefined
  if (kafka.sasl) return `User:${kafka.sasl.username}`
  return kafka.certificate === undefined ? 'User:ANONYMOUS' : undefined
}

/** Into report and log; what is lacking with the line that adds it. */
function tell(
  { connection, grants }: Looked,
  { report, edges }: Pick<Looking, 'report' | 'edges'>,
): void {
  const lacking = lackingOf(grants)
  for (const grant of grants) {
    const entry = entryOf(connection, grant, lacking.includes(grant))
    const { state, because, add, neededBy } = entry
    report.grants.push(entry)
    const why = because === undefined ? '' : ` (${because})`
    edges.log.info(`${state}: ${rightText(entry)}, for ${neededBy.join(', ')}${why}`)
    if (add !== undefined) edges.log.info(`  ${add}`)
  }
}

function entryOf(connection: ConnectionSpec, grant: Grant, isLacking: boolean): GrantReport {
  const { resource, name, pattern, operation } = asKnown(grant)
  const principal = principalOf(connection.kafka) ?? 'User:<the user’s principal>'
  const brokers = connection.kafka?.brokers ?? []
  return {
    ...{ connection: connection.name.name, resource, name, pattern, operation },
    ...{ state: grant.state, neededBy: grant.by },
    ...(grant.doubt !== undefined && { because: doubtText(grant.doubt) }),
    ...(grant.optional && { optional: true as const }),
    ...(isLacking && {
      add: aclCommand(allowing(asKnown(grant), principal), { brokers, change: 'add' }),
    }),
  }
}

/** Of mode verify, after what is there was looked at: a right that is missing is a fault, too. */
export async function checkGrants(
  of: Pick<Looking, 'inputs' | 'edges' | 'report'> & {
    open(purpose: string): Promise<MaterializeSession>
  },
): Promise<void> {
  const { inputs, edges, report } = of
  if (inputs.grants?.what !== 'check') return
  const session = await of.open('grants')
  const observed = await readCatalog(session, selectionOf(inputs.spec))
  const kafkaOf = (connection: ConnectionSpec) => edges.kafka(connection)
  const { failure } = await lookAtGrants({
    ...of,
    session,
    observed,
    plan: () => ({ steps: [] }),
    kafkaOf,
  })
  if (!failure) return
  const isLetPass = inputs.checks.failOn === 'never'
  // What is broken now is worse than what may break, unless only the latter fails the run.
  if (report.failure && (isLetPass || !report.tolerated)) return
  fail(report, failure)
  if (isLetPass) report.tolerated = true
}

/**
 * Adds the rules, once the marks of their connections list them and the connections have their ids, so
 * that names of Materialize’s own are as narrow as can be before sources and sinks are made: what is of
 * this connection, and nothing of another.
 */
export async function makeAcls({ acls }: Planned, work: Work): Promise<void> {
  const { edges, report } = work
  if (acls.length === 0) return
  const ids = await idsOf(
    acls.map((step) => step.connection),
    work,
  )
  const entries: GrantReport[] = []
  for (const { connection, grants } of work.granting.looked) {
    const own = acls.filter((step) => sameName(step.connection, connection.name))
    const admin = edges.kafkaAdmin?.(connection)
    const id = ids(connection.name)
    const isMade = own.length > 0 && admin !== undefined && id !== undefined
    entries.push(
      ...grants.map((one) =>
        isMade ? madeEntry(connection, one, id) : entryOf(connection, one, false),
      ),
    )
    if (!isMade) continue
    const rules = own.map(({ right, principal }) =>
      allowing({ ...right, name: resolvedNote(right.name, id) }, principal),
    )
    edges.log.info(`Adding ${String(rules.length)} rule(s) (ACLs) for ${connection.name.name}`)
    for (const made of await admin.createAcls(rules)) {
      report.changes.push({ object: rightText(made), kind: 'acl', action: 'create' })
    }
  }
  report.grants = entries
}

/** A right as it is once all rules are added, under the name that it has then. */
function madeEntry(connection: ConnectionSpec, grant: Grant, id: string): GrantReport {
  const isAdded = grant.state !== 'has' && !grant.optional && isMendable(grant)
  const entry = entryOf(
    connection,
    { ...grant, name: resolvedNote(grant.name, id), ...(isAdded && { state: 'has' }) },
    false,
  )
  return isAdded ? { ...entry, because: 'added by this run' } : entry
}

/** The ids of connections as they are now. */
async function idsOf(
  names: QualifiedName[],
  { session, observed }: Work,
): Promise<(name: QualifiedName) => string | undefined> {
  const wanted = literals([...new Set(names.map(({ name }) => name))])
  const rows = named(
    await session.query(
      statement(
        `SELECT id, schema_id, name FROM mz_catalog.mz_objects WHERE type = 'connection' AND name IN ${wanted}`,
      ),
    ),
  )
  return ({ database, schema, name }) => {
    const place = observed.schemas.find((one) => one.database === database && one.name === schema)
    const found = rows.find((row) => row['name'] === name && row['schema_id'] === place?.id)
    return found?.['id'] ?? undefined
  }
}

/** How the mark of a connection notes the rules that are to be made for it. */
export function notesOf(acls: readonly AclStep[], connection: QualifiedName): string[] {
  return acls
    .filter((step) => sameName(step.connection, connection))
    .map(({ right, principal }) => noteOfAcl(right, principal))
}
