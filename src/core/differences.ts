import type { ConnectionSpec, SinkSpec, SourceSpec } from './model.ts'
import { findObject, type Observed, type ObservedObject, type ObservedSource } from './observed.ts'
import { ident, literal, qualified } from './sql.ts'

/**
 * In what an existing object is not the one asked for, each as a phrase. Read from the catalog’s
 * columns: the text of a definition changes with versions, its columns do not.
 */

export function sourceDifferences(
  spec: SourceSpec,
  found: ObservedObject,
  observed: Observed,
): string[] {
  const source = found.source ?? { type: 'unknown' }
  return [
    ...common(spec, source, observed),
    ...differs('its format', source.valueFormat, spec.format),
    ...differs('its key format', source.keyFormat ?? 'none', 'none'),
    ...differs('its envelope', source.envelope, 'none'),
  ]
}

export function sinkDifferences(
  spec: SinkSpec,
  found: ObservedObject,
  observed: Observed,
): string[] {
  const sink = found.sink ?? { type: 'unknown', dependsOn: [] }
  const from = findObject(observed, spec.from)
  const differences = [
    ...common(spec, sink, observed),
    ...differs('its format', sink.valueFormat, spec.format),
    ...differs('its envelope', sink.envelope, spec.envelope),
  ]
  const hasKey = sink.keyFormat !== undefined
  if (hasKey !== spec.key.length > 0) {
    differences.push(hasKey ? 'it has a key, and none was asked for' : 'it has no key')
  }
  if (!from || !sink.dependsOn.includes(from.id)) {
    differences.push(`it does not read from ${qualified(spec.from)}`)
  }
  return differences
}

/** An existing connection is used as it is; what looks different is only said. */
export function connectionDifferences(spec: ConnectionSpec, found: ObservedObject): string[] {
  const there = [...(found.connection?.brokers ?? [])].sort()
  const asked = [...spec.kafka.brokers].sort()
  if (asked.length === 0 || there.join() === asked.join()) return []
  return [
    `Connection ${qualified(spec.name)} is there already, with brokers ${there.map(literal).join(', ')}; kafka-brokers says ${asked.map(literal).join(', ')}. It is used as it is.`,
  ]
}

function common(spec: SourceSpec | SinkSpec, found: ObservedSource, observed: Observed): string[] {
  const connection = findObject(observed, spec.connection)
  const differences = differs('its topic', found.topic, spec.topic)
  if (!connection || found.connectionId !== connection.id) {
    differences.push(`it does not use connection ${qualified(spec.connection)}`)
  }
  if (spec.cluster !== undefined && found.cluster !== spec.cluster) {
    differences.push(
      `its cluster is ${ident(found.cluster ?? 'unknown')}, not ${ident(spec.cluster)}`,
    )
  }
  return differences
}

function differs(what: string, there: string | undefined, asked: string): string[] {
  if (there === asked) return []
  return [`${what} is ${literal(there ?? 'unknown')}, not ${literal(asked)}`]
}
