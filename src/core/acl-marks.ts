import { resolvedNote } from './acl.ts'
import { noteOf } from './making.ts'
import { readComment } from './marker.ts'
import type { QualifiedName } from './model-object.ts'
import { type Observed, sameName } from './observed.ts'

/** A rule (ACL) as a mark lists it, and the connection that the mark is of. */
export interface MarkedAcl {
  note: string
  by: string
}

/**
 * The rules that marks list of all connections but these, whichever repository made them, also of those
 * that a killed run has dropped to make them anew. Which Kafka each leads to is left out of account: by
 * other addresses it may be the same one.
 */
export function aclsElsewhere({ objects }: Observed, but: readonly QualifiedName[]): MarkedAcl[] {
  const left = but.map((name) => noteOf({ kind: 'connection', name }))
  return objects.flatMap(({ id, name, marker }): MarkedAcl[] => {
    const own = but.some((one) => sameName(one, name)) ? [] : (marker?.acls ?? [])
    const formerly = Object.entries(marker?.anew ?? {}).filter(([key]) => !left.includes(key))
    return [
      ...own.map((note) => ({ note: resolvedNote(note, id), by: name.name })),
      ...formerly.flatMap(([key, comment]) =>
        (readComment(comment).marker?.acls ?? []).map((note) => ({ note, by: key })),
      ),
    ]
  })
}
