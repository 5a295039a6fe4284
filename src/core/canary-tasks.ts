import type { ConnectionSpec } from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import type { SinkSpec } from './model-sink.ts'
import type { Decoding, SourceSpec } from './model-source.ts'
import type { Inputs } from './model.ts'
import { sameName } from './observed.ts'

/** A canary to be sent. */
export type CanaryTask =
  | { way: 'isolated'; connection: ConnectionSpec; cluster?: string }
  | {
      way: 'inline'
      connection: ConnectionSpec
      source: SourceSpec
      /** Where its rows are: itself, or the first table made from it. */
      relation: QualifiedName
      decoding: Decoding
      /** The first sink that writes just these rows. */
      sink?: SinkSpec
    }

/** What the inputs ask for, or the keys of the spec: each isolated one once for connection and cluster. */
export function canariesAsked({ spec, canary }: Pick<Inputs, 'spec' | 'canary'>): CanaryTask[] {
  const tasks: CanaryTask[] = []
  const connectionOf = (name: QualifiedName): ConnectionSpec =>
    spec.connections.find((one) => sameName(one.name, name)) ?? { name, secrets: {} }
  const isolated = (name: QualifiedName, cluster: string | undefined): void => {
    const isThere = tasks.some(
      (one) =>
        one.way === 'isolated' && sameName(one.connection.name, name) && one.cluster === cluster,
    )
    if (isThere) return
    const connection = connectionOf(name)
    tasks.push({ way: 'isolated', connection, ...(cluster !== undefined && { cluster }) })
  }
  for (const one of spec.connections) {
    if (one.canary === 'isolated') isolated(one.name, undefined)
  }
  for (const source of spec.sources) {
    const way = canary.way ?? source.canary
    if (way === 'isolated') isolated(source.connection, source.cluster)
    if (way !== 'inline') continue
    const read = rowsOf(source, spec.tables)
    if (!read) continue
    const { name, ...decoding } = read
    const sink = spec.sinks.find((one) => sameName(one.from, name))
    tasks.push({
      ...{ way, connection: connectionOf(source.connection), source, relation: name, decoding },
      ...(sink && { sink }),
    })
  }
  if (canary.way === 'isolated') {
    for (const { connection, cluster } of spec.sinks) isolated(connection, cluster)
  }
  return tasks
}

function rowsOf(
  source: SourceSpec,
  tables: Inputs['spec']['tables'],
): ({ name: QualifiedName } & Decoding) | undefined {
  if (source.format !== undefined) return { ...source, format: source.format }
  return tables.find((one) => sameName(one.source, source.name))
}
