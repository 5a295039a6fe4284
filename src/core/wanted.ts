import { clusterDifferences, connectionChanges, connectionDifferences } from './differences.ts'
import type { Difference } from './difference.ts'
import type { FailureFacts } from './failure.ts'
import { digest } from './marker.ts'
import type { Keeping, Spec } from './model.ts'
import type { Observed, ObservedCluster, ObservedObject } from './observed.ts'
import * as sql from './sql.ts'
import type { Statement, Target } from './sql.ts'
import { sinkDifferences, sourceDifferences, viewDifferences } from './differences.ts'

/** Something of the spec, as the planner needs it: the same for every kind. */
export interface Wanted extends Target {
  keeping: Keeping
  create: Statement[]
  /** Sent whenever the object is kept or changed: it changes nothing. */
  check: Statement[]
  /** Sent in each run for an object of ours, since its present value cannot be read. */
  write: Statement[]
  /** The cluster that runs it; null: the session’s; undefined: it needs none. */
  cluster?: string | null
  /** Clusters that the same spec makes. */
  newClusters: string[]
  /** A connection for its secret: if it is there and has another one, this one need not be. */
  partOf?: Wanted
  /** Why it cannot be made, where what is needed for that was not given. */
  missing?: FailureFacts
  /** Digest of a view’s query, for its mark. */
  query?: string
  /** Input that names it, for refusals of the flat inputs. */
  input: string
  differences(found: Found, observed: Observed): Difference[]
  alter(differences: Difference[]): Statement[]
}

export type Found = ObservedObject | ObservedCluster

const nothing = { check: [], write: [], newClusters: [], differences: () => [], alter: () => [] }

/** Everything the spec asks Materialize for, in the order of dependencies. */
export function wantedOf(spec: Spec): Wanted[] {
  return [
    ...spec.clusters.map(wantedCluster),
    ...spec.connections.flatMap(wantedConnection),
    ...spec.sources.map(wantedSource),
    ...spec.views.map(wantedView),
    ...spec.sinks.map(wantedSink),
  ].map((wanted) => ({ ...wanted, newClusters: spec.clusters.map((cluster) => cluster.name) }))
}

function wantedCluster(spec: Spec['clusters'][number]): Wanted {
  return {
    ...nothing,
    kind: 'cluster',
    name: sql.clusterName(spec.name),
    keeping: spec,
    input: 'spec',
    create: [sql.createCluster(spec)],
    differences: (found) => clusterDifferences(spec, found as ObservedCluster),
    alter: (differences) => {
      const settings = differences.flatMap(({ attribute, asked }) =>
        attribute === 'size'
          ? [`SIZE ${sql.literal(asked)}`]
          : attribute === 'replication-factor'
            ? [`REPLICATION FACTOR ${asked}`]
            : [],
      )
      return settings.length === 0 ? [] : [sql.alterCluster(spec.name, settings)]
    },
  }
}

function wantedConnection(spec: Spec['connections'][number]): Wanted[] {
  const target = { kind: 'connection', name: spec.name } as const
  const connection: Wanted = {
    ...nothing,
    ...target,
    keeping: spec,
    input: 'connection',
    create: [sql.createConnection(spec)],
    check: [sql.validateConnection(spec.name)],
    differences: (found) => connectionDifferences(spec, found as ObservedObject),
    alter: (differences) => {
      const clauses = connectionChanges(spec, differences)
      return clauses.length === 0 ? [] : [sql.alterConnection(spec.name, clauses)]
    },
    ...(spec.kafka.brokers.length > 0
      ? {}
      : {
          missing: {
            reason: 'input-invalid',
            message: `kafka-brokers is needed: there is no connection ${sql.qualified(spec.name)}.`,
            hint: 'Give brokers and login to have it made, or correct the name of the connection.',
            inputs: ['kafka-brokers', 'connection'],
          },
        }),
  }
  const secrets = [spec.secrets.username, spec.secrets.password, spec.secrets.ca]
    .filter((secret) => secret !== undefined)
    .map((secret): Wanted => ({
      ...nothing,
      kind: 'secret',
      name: secret.name,
      // Secrets go with their connection: whoever owns it must own them.
      keeping: spec.owner === undefined ? {} : { owner: spec.owner },
      input: 'connection',
      create: [sql.createSecret(secret)],
      write: [sql.alterSecret(secret)],
      partOf: connection,
    }))
  return [...secrets, connection]
}

function wantedSource(spec: Spec['sources'][number]): Wanted {
  return {
    ...nothing,
    kind: 'source',
    name: spec.name,
    keeping: spec,
    input: 'source',
    cluster: spec.cluster ?? null,
    create: [sql.createSource(spec)],
    differences: (found, observed) => sourceDifferences(spec, found as ObservedObject, observed),
  }
}

function wantedView(spec: Spec['views'][number]): Wanted {
  return {
    ...nothing,
    kind: 'view',
    name: spec.name,
    keeping: spec,
    input: 'spec',
    cluster: spec.cluster ?? null,
    query: digest(spec.sql),
    create: [sql.createView(spec)],
    differences: (found) => viewDifferences(spec, found as ObservedObject),
  }
}

function wantedSink(spec: Spec['sinks'][number]): Wanted {
  return {
    ...nothing,
    kind: 'sink',
    name: spec.name,
    // Materialize has no grants on sinks.
    keeping: { ...spec, grants: [] },
    input: 'sink',
    cluster: spec.cluster ?? null,
    create: [sql.createSink(spec)],
    differences: (found, observed) => sinkDifferences(spec, found as ObservedObject, observed),
    alter: (differences) =>
      differences.some(({ attribute, means }) => attribute === 'from' && means === 'alter')
        ? [sql.alterSinkFrom(spec.name, spec.from)]
        : [],
  }
}
