import { connectionSecrets } from './connection-secrets.ts'
import { Failure } from './failure.ts'
import { digest } from './marker.ts'
import { type ConnectionSpec, CREDENTIALS, isDefined } from './model-connection.ts'
import { type Spec, specOf } from './model.ts'
import { findObject, type Observed, type ObservedCluster, type ObservedObject } from './observed.ts'
import type { Plan, Step } from './plan.ts'
import { qualified } from './sql.ts'
import { sameTarget } from './targets.ts'

/** What a rotation has shown of the new credential. */
export const ROTATIONS = ['proven', 'validated, not proven', 'not validated'] as const
export type RotationWord = (typeof ROTATIONS)[number]

export interface RotationReport {
  /** The connections whose secrets were written. */
  connections: string[]
  result: RotationWord
  /** Of each cluster that was restarted: milliseconds until all that it runs went on. */
  restarts: { cluster: string; ms: number; objects: string[] }[]
}

/** Only the connections that the spec defines, since only those have a credential to give. */
export function rotationSpec(spec: Spec): Spec {
  return specOf({ connections: spec.connections.filter(isDefined) })
}

/** The spec for its canaries: isolated ones go through each connection, be there sources or not. */
export function canarySpec(spec: Spec, way: string | undefined): Spec {
  const connections = spec.connections.map((one) =>
    way === 'isolated' && isDefined(one) && one.kafka
      ? { ...one, canary: 'isolated' as const }
      : one,
  )
  return { ...spec, connections }
}

/**
 * A connection like this one, beside it and with secrets of its own, to try the credential with. Its
 * name is always the same, so that what a killed run leaves of it is found by the next.
 */
export function trialOf(connection: ConnectionSpec): ConnectionSpec {
  const { owner: _owner, grants: _grants, comment: _comment, ...rest } = connection
  const name = {
    ...connection.name,
    name: `rotation_${digest(qualified(connection.name))}`,
  }
  return {
    ...rest,
    name,
    secrets: connectionSecrets(name, connection.kafka ?? connection.registry),
  }
}

/** All names that trials of these connections may have left, by whatever way the login went. */
export function trialNames(connections: ConnectionSpec[]): ConnectionSpec[] {
  return connections.filter(isDefined).map((connection) => {
    const { name } = trialOf(connection)
    const secrets = Object.fromEntries(
      CREDENTIALS.map((what) => [
        what,
        { name: { ...name, name: `${name.name}_${what}` }, value: '' },
      ]),
    )
    return { name, secrets }
  })
}

/** The spec with what killed rotations may have left of it. */
export function withTrials(spec: Spec): Spec {
  return { ...spec, connections: [...spec.connections, ...trialNames(spec.connections)] }
}

/** The steps of a plan that are about these connections and their secrets. */
export function stepsOf(plan: Pick<Plan, 'steps'>, connections: ConnectionSpec[]): Step[] {
  const targets = connections.flatMap(({ name, secrets }) => [
    { kind: 'connection' as const, name },
    ...CREDENTIALS.flatMap((what) => secrets[what] ?? []).map((secret) => ({
      kind: 'secret' as const,
      name: secret.name,
    })),
  ])
  return plan.steps.filter((step) => targets.some((target) => sameTarget(step, target)))
}

/** What of a connection is its credential, by the spec’s keys. */
const OF_LOGIN: ReadonlySet<string> = new Set([...CREDENTIALS, 'mechanism'])

/** Why the credential of these connections is not to be changed by us, if it is not. */
export function rotationRefusals(steps: Step[], spec: Spec, observed: Observed): Failure[] {
  const missing = spec.connections
    .filter(({ name }) => !findObject(observed, name))
    .map(
      ({ name }) =>
        new Failure({
          reason: 'connection-unknown',
          message: `There is no connection ${qualified(name)} whose secrets could be changed.`,
          inputs: ['connection'],
        }),
    )
  const foreign = steps
    .filter(({ ownership }) => ownership === 'foreign')
    .map(
      (step) =>
        new Failure({
          reason: 'not-ours',
          message: `The ${step.kind} ${qualified(step.name)} was not made by this action for this repository.`,
          inputs: ['adopt'],
        }),
    )
  const others = steps.flatMap((step) => {
    const keys = step.differences.map(({ attribute }) => attribute)
    const other = keys.filter((key) => !OF_LOGIN.has(key))
    return step.kind === 'connection' && step.action !== 'create' && other.length > 0
      ? [
          new Failure({
            reason: 'definition-differs',
            message: `The connection ${qualified(step.name)} differs in more than its credential: ${other.join(', ')}.`,
            hint: 'Run mode provision for that; mode rotate changes the credential alone.',
          }),
        ]
      : []
  })
  return [...missing, ...foreign, ...others]
}

/** A cluster whose replicas are to be started anew, so that what runs there takes up new secrets. */
export interface Restart {
  cluster: ObservedCluster
  /** How many replicas it is to have again. */
  factor: number
  /** Sources and sinks in it that go by the connections. */
  objects: ObservedObject[]
}

/** Where sources and sinks of these connections run. */
export function restartsOf(connections: ConnectionSpec[], observed: Observed): Restart[] {
  const ids = connections.flatMap(({ name }) => findObject(observed, name)?.id ?? [])
  const users = observed.objects.filter(({ dependsOn }) => dependsOn.some((id) => ids.includes(id)))
  // What a table goes by, a registry for one, its source reads with.
  const running = users.flatMap((object) =>
    object.type === 'table'
      ? observed.objects.filter(({ id, source }) => source && object.dependsOn.includes(id))
      : object.source?.type === 'kafka' || object.sink
        ? [object]
        : [],
  )
  return observed.clusters.flatMap((cluster) => {
    const objects = [...new Set(running)].filter((object) => object.cluster === cluster.name)
    return objects.length === 0
      ? []
      : [{ cluster, factor: cluster.replicationFactor ?? 0, objects }]
  })
}

/** Why a cluster cannot be restarted by us. */
export function restartRefusals(restarts: Restart[]): Failure[] {
  return restarts
    .filter(({ factor }) => factor === 0)
    .map(({ cluster }) => {
      const isUnmanaged = cluster.replicationFactor === undefined
      return new Failure({
        reason: isUnmanaged ? 'not-ours' : 'cluster-without-replicas',
        message: `restart-replicas cannot start the replicas of cluster ${cluster.name} anew: ${isUnmanaged ? 'they were made by hand' : 'it has none'}.`,
        ...(isUnmanaged && {
          hint: 'Leave restart-replicas out, and drop and make its replicas yourself.',
        }),
        inputs: ['restart-replicas'],
      })
    })
}
