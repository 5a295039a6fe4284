import type {
  ConnectionDefinition,
  Options,
  Reference,
  SinkDefinition,
  SourceDefinition,
  TableDefinition,
  Value,
  ViewDefinition,
} from './definition-model.ts'
import { type Difference, differs } from './difference.ts'
import type { QualifiedName } from './model-object.ts'
import { findObject, type Observed, type ObservedObject } from './observed.ts'
import { qualified } from './sql.ts'

/**
 * What the differences of several kinds have in common. They say in what an existing object is not
 * the one asked for, attribute by attribute, by the spec’s names. The catalog’s columns say most;
 * its definitions, read into structure, say the rest.
 */

/** Whether the object goes by the connection asked for, which the catalog tells by its id. */
export function connectionUsed(
  spec: { connection: QualifiedName },
  id: string | undefined,
  observed: Observed,
): Difference[] {
  const asked = findObject(observed, spec.connection)
  if (asked !== undefined && asked.id === id) return []
  const there = observed.objects.find((object) => object.id === id)
  return differs(
    'connection',
    {
      there: there ? qualified(there.name) : (id ?? 'unknown'),
      asked: qualified(spec.connection),
    },
    'replace',
  )
}

/** SET CLUSTER is a preview feature that is off by default: only a new object changes its cluster. */
export function clusterUsed(asked: string | undefined, found: ObservedObject): Difference[] {
  if (asked === undefined) return []
  return differs('cluster', { there: found.cluster, asked }, 'replace')
}

/** What the object was given that the spec has no word for: it is not the one the spec describes. */
export function unaskedOptions(options: Options | undefined, known: string[]): Difference[] {
  return Object.entries(options ?? {})
    .filter(([name]) => !known.includes(name))
    .map(([name, value]) => ({
      attribute: name.toLowerCase().replaceAll(' ', '-'),
      there: valueText(value),
      asked: 'none',
      means: 'replace',
    }))
}

/** The name that a definition refers to something by, quoted; its id where there is no name. */
export function referenceText(reference: Reference | undefined): string {
  const name = reference?.name
  if (!name) return reference?.id ?? 'unknown'
  const { database, schema } = name
  return database !== undefined && schema !== undefined
    ? qualified({ database, schema, name: name.name })
    : name.name
}

/** An option’s value for people to read. */
export function valueText(value: Value): string {
  switch (value.is) {
    case 'string':
    case 'number':
    case 'word':
    case 'interval':
      return value.value
    case 'boolean':
      return String(value.value)
    case 'list':
    case 'repeated':
      return value.values.map(valueText).join(', ')
    case 'map':
      return value.entries.map(([key, one]) => `${key}=${valueText(one)}`).join(', ')
    case 'expression':
      return value.text
    case 'secret':
    case 'reference':
      return referenceText(value.reference)
    case 'broker':
      return value.address
    case 'none':
      return 'given'
  }
}

interface Definitions {
  connection: ConnectionDefinition
  source: SourceDefinition
  sink: SinkDefinition
  table: TableDefinition
  'materialized-view': ViewDefinition
}

/** What was read of its definition, if that is one of the kind. */
export function definitionOf<Kind extends keyof Definitions>(
  found: ObservedObject,
  kind: Kind,
): Definitions[Kind] | undefined {
  return found.definition?.is === kind ? (found.definition as Definitions[Kind]) : undefined
}
