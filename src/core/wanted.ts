import { clusterDifferences, viewDifferences } from './cluster-and-view-differences.ts'
import { digest } from './marker.ts'
import type { ClusterSpec, SchemaSpec, Spec, ViewSpec } from './model.ts'
import type { ObservedCluster, ObservedObject } from './observed.ts'
import * as sql from './sql.ts'
import { wantedConnection } from './wanted-connection.ts'
import { nothing, type Wanted } from './wanted-model.ts'
import { wantedSink } from './wanted-sink.ts'
import { wantedSource, wantedTable } from './wanted-source.ts'

/** Everything the spec asks Materialize for, in the order of dependencies. */
export function wantedOf(spec: Spec): Wanted[] {
  return [
    ...(spec.schemas ?? []).map(wantedSchema),
    ...spec.clusters.map(wantedCluster),
    ...spec.connections.flatMap((one) => wantedConnection(one, spec)),
    ...spec.sources.map(wantedSource),
    ...spec.tables.map(wantedTable),
    ...spec.views.map(wantedView),
    ...spec.sinks.map(wantedSink),
  ].map((wanted) => ({ ...wanted, clusters: spec.clusters, schemas: spec.schemas ?? [] }))
}

function wantedSchema(spec: SchemaSpec): Wanted {
  return {
    ...nothing,
    kind: 'schema',
    name: sql.schemaName(spec),
    keeping: spec,
    input: 'environment',
    create: [sql.createSchema(spec)],
  }
}

function wantedCluster(spec: ClusterSpec): Wanted {
  return {
    ...nothing,
    kind: 'cluster',
    name: sql.clusterName(spec.name),
    keeping: spec,
    input: 'spec',
    size: spec.size,
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

function wantedView(spec: ViewSpec): Wanted {
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
