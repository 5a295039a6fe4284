import { type Difference, differs } from './difference.ts'
import type { SinkSpec } from './model-sink.ts'
import { findObject, type Observed, type ObservedObject } from './observed.ts'
import {
  clusterUsed,
  connectionUsed,
  definitionOf,
  referenceText,
  unaskedOptions,
} from './shared-differences.ts'
import { qualified } from './sql.ts'

export function sinkDifferences(
  spec: SinkSpec,
  found: ObservedObject,
  observed: Observed,
): Difference[] {
  const sink = found.sink ?? { type: 'unknown' }
  const definition = definitionOf(found, 'sink')
  const from = findObject(observed, spec.from)
  const reads = found.dependsOn.filter((id) => id !== sink.connectionId)
  const present = observed.objects.find((object) => reads.includes(object.id))
  const columns = (key: string[] | undefined): string | undefined =>
    key && key.length > 0 ? key.join(', ') : undefined
  const readsIt = from !== undefined && reads.includes(from.id)
  return [
    ...(readsIt
      ? []
      : differs(
          'from',
          {
            there: present ? qualified(present.name) : referenceText(definition?.from),
            asked: qualified(spec.from),
          },
          'alter',
        )),
    ...connectionUsed(spec, sink.connectionId, observed),
    ...differs('topic', { there: sink.topic, asked: spec.topic }, 'replace'),
    ...differs('format', { there: sink.valueFormat, asked: spec.format }, 'replace'),
    ...differs('envelope', { there: sink.envelope, asked: spec.envelope }, 'replace'),
    ...differs(
      'key',
      { there: columns(definition?.key?.columns), asked: columns(spec.key) },
      'replace',
    ),
    ...clusterUsed(spec.cluster, found),
    ...unaskedOptions(definition?.into?.options, ['TOPIC']),
    // VERSION is how the server counts ALTER SINK.
    ...unaskedOptions(definition?.with, ['VERSION']),
  ]
}
