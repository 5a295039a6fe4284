import type { FailureFacts } from './failure.ts'
import type { SinkSpec } from './model-sink.ts'
import type { SourceSpec } from './model-source.ts'
import type { Spec } from './model.ts'
import { findObject, type Observed, sameName } from './observed.ts'
import { columnFaults } from './sink-columns.ts'
import { sizeRefusal } from './cluster-sizes.ts'
import { connectionTypeText } from './connection-references.ts'
import * as sql from './sql.ts'
import type { Found, Wanted } from './wanted-model.ts'

/** Why something of the spec has no place in Materialize as it is, if it has none. */
export function placeRefusal(
  wanted: Wanted,
  found: Found | undefined,
  observed: Observed,
): FailureFacts | undefined {
  if (wanted.kind === 'cluster') return sizeRefusal(wanted, found, observed)
  const { databases, schemas } = observed
  const { database, schema } = wanted.name
  if (!databases.includes(database)) {
    return {
      reason: 'database-unknown',
      message: `There is no database ${sql.ident(database)}. There are: ${list(databases)}.`,
      inputs: ['materialize-database'],
    }
  }
  if (wanted.kind === 'schema') return undefined
  const here = [...schemas, ...wanted.schemas]
    .filter((one) => one.database === database)
    .map((one) => one.name)
  if (!here.includes(schema)) {
    return {
      reason: 'schema-unknown',
      message: `There is no schema ${sql.ident(schema)} in database ${sql.ident(database)}. There are: ${list(here)}.`,
      inputs: ['schema'],
    }
  }
  return clusterRefusal(wanted, found, observed)
}

/** What is there already must be run by its own cluster, not only by the one asked for. */
function clusterRefusal(
  wanted: Wanted,
  found: Found | undefined,
  observed: Observed,
): FailureFacts | undefined {
  if (wanted.cluster === undefined) return undefined
  const present = found && 'cluster' in found ? found.cluster : undefined
  const names = new Set([wanted.cluster ?? present ?? observed.sessionCluster])
  if (present !== undefined) names.add(present)
  for (const name of names) {
    const cluster = observed.clusters.find((one) => one.name === name)
    const asked = wanted.clusters.find((one) => one.name === name)
    if (!cluster && !asked) {
      const usable = observed.clusters.filter((one) => one.id.startsWith('u'))
      return {
        reason: 'cluster-unknown',
        message: `There is no cluster ${sql.ident(name)}. There are: ${list(usable.map((one) => one.name))}.`,
        inputs: ['cluster'],
      }
    }
    // As many as there will be, when the spec has been applied.
    if ((asked?.replicationFactor ?? cluster?.replicas) === 0) {
      return {
        reason: 'cluster-without-replicas',
        message: `Cluster ${sql.ident(name)} has no replicas: nothing in it would run.`,
        inputs: ['cluster'],
      }
    }
  }
  return undefined
}

/** The name is taken by something that cannot be what is asked for. */
export function typeRefusal(wanted: Wanted, found: Found | undefined): FailureFacts | undefined {
  if (!found || !('type' in found)) return undefined
  const name = sql.qualified(found.name)
  const taken = (is: string, not: string): FailureFacts => ({
    reason: 'name-taken',
    message: `${name} is there already, and is ${is}, not ${not}.`,
    inputs: [wanted.input],
  })
  const type = wanted.kind === 'view' ? 'materialized-view' : wanted.kind
  if (found.type !== type) return taken(`a ${found.type}`, `a ${type}`)
  if (wanted.kind === 'source' && found.source?.type !== 'kafka') {
    return taken(`a ${found.source?.type ?? 'different'} source`, 'one that reads Kafka')
  }
  const to = wanted.connectionType
  if (to !== undefined && found.connection?.type !== to) {
    return taken(
      `a connection to ${connectionTypeText(found.connection?.type)}`,
      `one to ${connectionTypeText(to)}`,
    )
  }
  return undefined
}

/** What sinks read from, and what progress is to be called, where something stands against it. */
export function relationRefusals(spec: Spec, observed: Observed): FailureFacts[] {
  return [
    ...spec.sinks.flatMap((sink) => sinkFromRefusal(sink, spec, observed) ?? []),
    ...spec.sources.flatMap((source) => progressRefusal(source, observed) ?? []),
  ]
}

function progressRefusal(
  { name, progress }: SourceSpec,
  observed: Observed,
): FailureFacts | undefined {
  const found = progress && findObject(observed, progress)
  if (!found || findObject(observed, name)?.dependsOn.includes(found.id)) return undefined
  return {
    reason: 'name-taken',
    message: `${sql.qualified(progress)}, which is to show the progress of the source ${sql.qualified(name)}, is there already and is something else.`,
    inputs: ['spec'],
  }
}

function sinkFromRefusal(sink: SinkSpec, spec: Spec, observed: Observed): FailureFacts | undefined {
  if ([...spec.sources, ...spec.tables, ...spec.views].some((one) => sameName(one.name, sink.from)))
    return undefined
  const found = findObject(observed, sink.from)
  if (!found) {
    return {
      reason: 'relation-unknown',
      message: `There is no source, table or materialized view ${sql.qualified(sink.from)}.`,
      inputs: ['sink-from'],
    }
  }
  if (['source', 'table', 'materialized-view'].includes(found.type)) {
    const columns = found.columns ?? []
    const [fault] = columns.length === 0 ? [] : columnFaults(sink, columns, sql.ident)
    return (
      fault && {
        reason: 'input-invalid',
        message: `The sink ${sql.qualified(sink.name)} cannot write ${sql.qualified(sink.from)}: ${fault.key} ${fault.text}.`,
        hint: 'Correct the sink; nothing was changed.',
      }
    )
  }
  return {
    reason: 'relation-unfit',
    message: `${sql.qualified(sink.from)} is a ${found.type}, which Materialize cannot sink.`,
    inputs: ['sink-from'],
  }
}

/** Names as a person reads them; long lists are cut with their number. */
function list(names: string[]): string {
  const most = 20
  const shown = [...names].sort().slice(0, most).map(sql.ident).join(', ')
  if (names.length === 0) return 'none'
  return names.length > most ? `${shown} and ${String(names.length - most)} more` : shown
}
