import { sameQuery } from './definition.ts'
import { type Difference, differs } from './difference.ts'
import { digest } from './marker.ts'
import type { ClusterSpec, ViewSpec } from './model.ts'
import type { ObservedCluster, ObservedObject } from './observed.ts'
import { clusterUsed, definitionOf } from './shared-differences.ts'

export function clusterDifferences(spec: ClusterSpec, found: ObservedCluster): Difference[] {
  const asked = spec.replicationFactor
  return [
    ...differs('size', { there: found.size, asked: spec.size }, 'alter'),
    ...(asked === undefined
      ? []
      : differs(
          'replication-factor',
          { there: String(found.replicationFactor ?? 'none'), asked: String(asked) },
          'alter',
        )),
  ]
}

export function viewDifferences(spec: ViewSpec, found: ObservedObject): Difference[] {
  const definition = definitionOf(found, 'materialized-view')
  const { database, schema } = spec.name
  const same =
    found.marker?.query === digest(spec.sql) ||
    (definition && sameQuery(definition.query.join(' '), spec.sql, { database, schema }))
  const there = definition?.query.join(' ') ?? 'another query'
  return [
    ...(same ? [] : differs('sql', { there, asked: spec.sql }, 'replace')),
    ...clusterUsed(spec.cluster, found),
  ]
}
