import { type ObservedObject, sameName } from './observed.ts'
import * as sql from './sql.ts'
import type { ObjectKind, Target } from './sql.ts'

export function sameTarget(a: Target, b: Target): boolean {
  return a.kind === b.kind && sameName(a.name, b.name)
}

/** An object of the catalog as statements name it. */
export function targetOf(object: ObservedObject): Target {
  const kind = object.type === 'materialized-view' ? 'view' : (object.type as ObjectKind)
  return { kind, name: object.name }
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
