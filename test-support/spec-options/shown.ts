import { readDefinition, type Definition } from '../../src/core/definition.ts'
import type { Spec } from '../../src/core/model.ts'
import type { Observed, ObservedCluster, ObservedObject } from '../../src/core/observed.ts'
import { type Plan, type PlanOptions } from '../../src/core/plan.ts'
import { plan } from '../../src/core/planner.ts'
import { qualified, targetName } from '../../src/core/sql.ts'
import { wantedOf } from '../../src/core/wanted.ts'
import type { Wanted } from '../../src/core/wanted-model.ts'
import { DATABASE, OUTSIDE, SCHEMA } from './whole.ts'

/** What Materialize’s catalog shows once our own statements have been taken. */

const NAME = /"(?:[^"]|"")*"\."(?:[^"]|"")*"\."(?:[^"]|"")*"/g
const NOBODYS = { comment: '', owner: 'materialize', grants: [] }
const SESSION_CLUSTER = 'quickstart'

/** With nothing but what no spec of ours makes. */
export function empty(): Observed {
  const schemas = [SCHEMA, 'elsewhere'].map((name, n) => ({
    ...{ id: `u${String(n + 1)}`, database: DATABASE, name },
  }))
  return {
    role: 'materialize',
    sessionCluster: SESSION_CLUSTER,
    databases: [DATABASE, 'elsewhere'],
    schemas: [...schemas, { id: 'u9', database: 'elsewhere', name: SCHEMA }],
    clusters: [cluster('u1', SESSION_CLUSTER)],
    objects: Object.entries(OUTSIDE).map(([name, type], n) => ({
      ...NOBODYS,
      id: `u${String(n + 10)}`,
      name: { database: DATABASE, schema: SCHEMA, name },
      type: 'connection',
      connection: { type, brokers: [] },
      dependsOn: [],
    })),
    topics: [],
  }
}

function cluster(id: string, name: string): ObservedCluster {
  return { ...NOBODYS, id, name, size: '25cc', replicas: 1, replicationFactor: 1 }
}

const OPTIONS: PlanOptions = {
  repository: 'acme/shop',
  adopt: false,
  prune: false,
  mayReplace: () => true,
  newTopics: () => [],
}

/** The plan for a spec, which may replace what it must. Throws what it would be refused with. */
export function planned(spec: Spec, there: Observed): Plan {
  const made = plan(spec, there, OPTIONS)
  const [refusal] = made.refusals
  if (refusal) throw refusal
  return made
}

export function shownAs(spec: Spec): Observed {
  const observed = empty()
  const { steps } = planned(spec, observed)
  wantedOf(spec).forEach((wanted, n) => {
    const step = steps.find(
      (one) => one.kind === wanted.kind && targetName(one) === targetName(wanted),
    )
    const { keeping } = wanted
    const kept = {
      comment: keeping.comment ?? '',
      owner: keeping.owner ?? 'materialize',
      grants: keeping.grants ?? [],
      ...(step?.mark && { marker: step.mark.marker }),
    }
    const id = `u${String(100 + 2 * n)}`
    if (wanted.kind === 'cluster') {
      const asked = spec.clusters.find((one) => one.name === wanted.name.name)
      const is = cluster(id, wanted.name.name)
      const replicationFactor = asked?.replicationFactor ?? 1
      observed.clusters.push({ ...is, size: asked?.size ?? '', replicationFactor, ...kept })
    } else {
      observed.objects.push({ ...object(wanted, { id, observed }), ...kept })
    }
  })
  observed.topics = spec.topics.map(({ name, connection, partitions, config }) => ({
    ...{ name, connection, partitions, exists: true, replicationFactor: 1 },
    config: new Map(Object.entries(config)),
  }))
  return observed
}

function object(
  wanted: Wanted,
  { id, observed }: { id: string; observed: Observed },
): ObservedObject {
  const { kind, name } = wanted
  const type = kind === 'view' ? 'materialized-view' : kind
  const text = wanted.create[0]?.text ?? ''
  const head = text.indexOf(qualified(name)) + qualified(name).length
  const dependsOn: string[] = []
  // Every other name in full is an object’s, which the catalog writes with its id.
  const rest = text.slice(head).replace(NAME, (full) => {
    const found = observed.objects.find((one) => qualified(one.name) === full)
    if (found) dependsOn.push(found.id)
    return found ? `[${found.id} AS ${full}]` : full
  })
  const definition =
    kind === 'secret' ? undefined : kept(readDefinition(text.slice(0, head) + rest))
  return {
    ...NOBODYS,
    ...{ id, name, type, dependsOn },
    ...(definition && { definition, ...columnsOf(definition) }),
    ...('cluster' in wanted && { cluster: wanted.cluster ?? SESSION_CLUSTER }),
  }
}

/** What the server makes of it: a start time becomes offsets, and progress has a name always. */
function kept(definition: Definition | undefined): Definition | undefined {
  if (definition?.is !== 'source') return definition
  const { 'START TIMESTAMP': start, ...options } = definition.from?.options ?? {}
  if (start && definition.from) definition.from.options = options
  const name = { ...definition.name, name: `${definition.name.name}_progress` }
  return { ...definition, progress: definition.progress ?? { id: 'u99', name } }
}

/** What the catalog’s columns say beside the definition. */
function columnsOf(definition: Definition): Partial<ObservedObject> {
  if (definition.is === 'connection') {
    const type = definition.type.replaceAll(' ', '-')
    return { connection: { type, brokers: definition.brokers } }
  }
  if (definition.is !== 'source' && definition.is !== 'sink') return {}
  const external = definition.is === 'source' ? definition.from : definition.into
  const topic = external?.options['TOPIC']
  return {
    [definition.is]: {
      type: 'kafka',
      topic: topic?.is === 'string' ? topic.value : '',
      connectionId: external?.connection?.id ?? '',
      envelope: definition.envelope?.name ?? 'none',
    },
  }
}
