import { type Difference, differs } from './difference.ts'
import type { SourceSpec } from './model-source.ts'
import type { Observed, ObservedObject } from './observed.ts'
import { clusterUsed, connectionUsed, definitionOf, unaskedOptions } from './shared-differences.ts'

export function sourceDifferences(
  spec: SourceSpec,
  found: ObservedObject,
  observed: Observed,
): Difference[] {
  const source = found.source ?? { type: 'unknown' }
  const definition = definitionOf(found, 'source')
  const includes = definition?.includes.map((include) => include.kind).join(', ')
  return [
    ...connectionUsed(spec, source.connectionId, observed),
    ...differs('topic', { there: source.topic, asked: spec.topic }, 'replace'),
    ...differs('format', { there: source.valueFormat, asked: spec.format }, 'replace'),
    ...differs('key-format', { there: source.keyFormat, asked: undefined }, 'replace'),
    ...differs('envelope', { there: source.envelope ?? 'none', asked: 'none' }, 'replace'),
    ...differs('include', { there: includes || undefined, asked: undefined }, 'replace'),
    ...clusterUsed(spec.cluster, found),
    ...unaskedOptions(definition?.from?.options, ['TOPIC']),
    ...unaskedOptions(definition?.with, []),
  ]
}
