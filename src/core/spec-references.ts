import type { QualifiedName } from './model-object.ts'
import type { SinkSpec } from './model-sink.ts'
import type { SourceSpec } from './model-source.ts'
import type { Spec, ViewSpec } from './model.ts'
import { parseName, type Surroundings } from './names.ts'
import { sameName } from './observed.ts'
import { alternatives, nearest, type Parsed } from './parse.ts'
import type { Faults } from './spec-faults.ts'
import { dependenciesOf } from './spec-sql.ts'

/** Comparing a name with all others takes time that grows with their number. */
const MOST_COMPARED = 200

/** Whether a name is among those given, and what to say of it if not. */
export function unknownName(
  name: string,
  known: readonly string[],
  show: (text: string) => string,
): string | undefined {
  if (known.includes(name)) return undefined
  if (known.length === 0) return 'none is there'
  const meant = known.length <= MOST_COMPARED ? nearest(name, known) : undefined
  if (meant !== undefined) return `did you mean ${show(meant)}?`
  const few = known.slice(0, 8).map(show)
  return `allowed: ${known.length > few.length ? `${few.join(', ')} …` : alternatives(few)}`
}

/** `from` of a sink: literally one of the spec’s own relations, else a name like any other. */
export function relationNamed(
  text: string,
  own: ReadonlySet<string>,
  within: Surroundings,
): Parsed<QualifiedName> {
  return own.has(text) ? { value: { ...within, name: text } } : parseName(text, within)
}

/** Something that takes a name in a schema of Materialize. */
export interface NamedObject {
  /** What messages call it. */
  what: string
  name: QualifiedName
  at: number
}

/** Connections, secrets, sources, tables, views and sinks of one schema share their names. */
export function checkDistinct(objects: readonly NamedObject[], faults: Faults): void {
  const taken = new Map<string, NamedObject>()
  for (const object of objects) {
    const key = JSON.stringify([object.name.database, object.name.schema, object.name.name])
    const first = taken.get(key)
    if (!first) {
      taken.set(key, object)
      continue
    }
    faults.add(
      object.at,
      `${object.what} has the name ${faults.show(object.name.name)} of ${first.what} in line ${String(faults.line(first.at))}; objects of one schema need different ones`,
    )
  }
}

/** The views in an order in which each comes after those it reads, and the loops among them. */
export interface Ordered {
  views: ViewSpec[]
  /** Each from a view back to itself; the rest of the order means nothing then. */
  cycles: string[][]
}

export function orderViews(views: readonly ViewSpec[]): Ordered {
  const names = new Set(views.map((view) => view.name.name))
  const reads = new Map(views.map((view) => [view.name.name, dependenciesOf(view, names)]))
  const readers = new Map<string, string[]>()
  for (const [name, read] of reads) {
    for (const one of read) {
      const all = readers.get(one)
      if (all) all.push(name)
      else readers.set(one, [name])
    }
  }
  const waiting = new Map([...reads].map(([name, read]) => [name, read.length]))
  const placed: string[] = []
  const cycles: string[][] = []
  const ready = [...waiting].filter(([, left]) => left === 0).map(([name]) => name)
  for (;;) {
    for (let name = ready.shift(); name !== undefined; name = ready.shift()) {
      waiting.delete(name)
      placed.push(name)
      for (const reader of readers.get(name) ?? []) {
        const left = (waiting.get(reader) ?? 0) - 1
        if (waiting.has(reader)) waiting.set(reader, left)
        if (left === 0) ready.push(reader)
      }
    }
    const [stuck] = waiting.keys()
    if (stuck === undefined) break
    const cycle = cycleFrom(stuck, { reads, waiting })
    cycles.push(cycle)
    // Taken as given, so that only what is in a loop of its own is named besides.
    const members = new Set(cycle)
    for (const name of members) waiting.set(name, 0)
    ready.push(...members)
  }
  const byName = new Map(views.map((view) => [view.name.name, view]))
  return { views: placed.flatMap((name) => byName.get(name) ?? []), cycles }
}

interface Reading {
  reads: ReadonlyMap<string, string[]>
  waiting: ReadonlyMap<string, number>
}

/** Whatever waits reads something that waits, so that this walk comes round in the end. */
function cycleFrom(start: string, { reads, waiting }: Reading): string[] {
  const path: string[] = []
  const seen = new Map<string, number>()
  for (let name: string | undefined = start; name !== undefined;) {
    const before = seen.get(name)
    if (before !== undefined) {
      // From the first of the file, so that the same loop is always told in the same way.
      const loop = path.slice(before)
      const order = [...reads.keys()]
      const first = loop.reduce((a, b) => (order.indexOf(b) < order.indexOf(a) ? b : a))
      const at = loop.indexOf(first)
      return [...loop.slice(at), ...loop.slice(0, at), first]
    }
    seen.set(name, path.length)
    path.push(name)
    name = reads.get(name)?.find((one) => waiting.has(one))
  }
  return path
}

/** A sink that writes what the relation it reads was made of, so that every message begets another. */
export function feedbackOf(sink: SinkSpec, spec: Omit<Spec, 'sinks'>): SourceSpec | undefined {
  const names = new Set(
    [...spec.sources, ...spec.tables, ...spec.views].map((one) => one.name.name),
  )
  const open = [sink.from]
  const seen = new Set<string>()
  for (const relation of open) {
    const table = spec.tables.find((one) => sameName(one.name, relation))
    const source = spec.sources.find((one) => sameName(one.name, table?.source ?? relation))
    if (
      source &&
      source.topic === sink.topic &&
      sameKafka(source.connection, sink.connection, spec)
    )
      return source
    const view = spec.views.find((one) => sameName(one.name, relation))
    for (const name of view ? dependenciesOf(view, names) : []) {
      if (!seen.has(name)) open.push({ ...sink.name, name })
      seen.add(name)
    }
  }
  return undefined
}

/** One Kafka can have several connections; a broker in common gives it away. */
export function sameKafka(
  a: QualifiedName,
  b: QualifiedName,
  spec: Pick<Spec, 'connections'>,
): boolean {
  if (sameName(a, b)) return true
  const brokersOf = (name: QualifiedName) =>
    spec.connections.find((one) => sameName(one.name, name))?.kafka?.brokers ?? []
  const brokers = new Set(brokersOf(a))
  return brokersOf(b).some((broker) => brokers.has(broker))
}
