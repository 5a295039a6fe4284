import {
  findObject,
  type Observed,
  type ObservedObject,
  type ObservedSchema,
  sameName,
} from './observed.ts'
import * as sql from './sql.ts'
import type { ObjectKind, Target } from './sql.ts'
import type { Found, FoundSchema } from './wanted-model.ts'

export function sameTarget(a: Target, b: Target): boolean {
  return a.kind === b.kind && sameName(a.name, b.name)
}

/** What the catalog shows as statements name it. */
export function targetOf(found: Found): Target {
  if ('database' in found) return { kind: 'schema', name: sql.schemaName(found) }
  if (!('type' in found)) return { kind: 'cluster', name: sql.clusterName(found.name) }
  const kind = found.type === 'materialized-view' ? 'view' : (found.type as ObjectKind)
  return { kind, name: found.name }
}

/** What is there under the name. */
export function findTarget(observed: Observed, { kind, name }: Target): Found | undefined {
  if (kind === 'cluster') return observed.clusters.find((one) => one.name === name.name)
  if (kind !== 'schema') return findObject(observed, name)
  const found = observed.schemas.find(
    (one) => one.name === name.name && one.database === name.database,
  )
  return found && foundSchema(found)
}

export function foundSchema(schema: ObservedSchema): FoundSchema {
  return { comment: '', owner: '', grants: [], ...schema }
}

/** For messages. */
export function objectText(object: ObservedObject): string {
  return `${object.type} ${sql.qualified(object.name)}`
}

/** Each before what it is made from. */
export function dependentsFirst(objects: ObservedObject[]): ObservedObject[] {
  const ordered: ObservedObject[] = []
  const visit = (object: ObservedObject): void => {
    if (ordered.includes(object)) return
    for (const other of objects) if (other.dependsOn.includes(object.id)) visit(other)
    ordered.push(object)
  }
  for (const object of objects) visit(object)
  return ordered
}
