import { aclCommand, allowing, isNotedAcl, readNote, resolvedNote, rightText } from './core/acl.ts'
import { aclsElsewhere, type MarkedAcl } from './core/acl-marks.ts'
import { marksOf, noteOf } from './core/making.ts'
import { readComment } from './core/marker.ts'
import type { ConnectionSpec } from './core/model-connection.ts'
import { findObject } from './core/observed.ts'
import { note } from './observe.ts'
import type { Work } from './work.ts'

/**
 * Takes away the rules (ACLs) that the marks of the spec’s connections list, and only those, while the
 * marks are still there: a run that is killed in between is gone on with by the next one. What a
 * connection that stays has in its mark, too, stays with it.
 */
export async function removeAcls(work: Work): Promise<void> {
  const { inputs, edges, observed } = work
  const going = inputs.spec.connections.filter(({ name }) => {
    const found = findObject(observed, name)
    return !found || found.marker?.repository === edges.repository
  })
  const removing: Removing = {
    ...work,
    elsewhere: aclsElsewhere(
      observed,
      going.map(({ name }) => name),
    ),
  }
  for (const connection of inputs.spec.connections) {
    const found = findObject(observed, connection.name)
    const { repository, acls = [] } = found?.marker ?? {}
    if (!found) {
      const formerly = notedFormerly(connection, work)
      if (formerly.length > 0) await removeNoted(formerly, connection, removing)
    }
    if (!found || repository !== edges.repository || acls.length === 0) continue
    await removeNoted(
      acls.map((text) => resolvedNote(text, found.id)),
      connection,
      removing,
    )
  }
}

interface Removing extends Work {
  /** What connections need that stay. */
  elsewhere: MarkedAcl[]
}

/** Of a connection that a killed run has dropped to make it anew: what its comment said then. */
function notedFormerly({ name }: ConnectionSpec, { observed, edges }: Work): string[] {
  const note = noteOf({ kind: 'connection', name })
  return marksOf(observed, edges.repository).flatMap(
    ({ anew }) => readComment(anew?.[note]).marker?.acls ?? [],
  )
}

async function removeNoted(
  noted: string[],
  connection: ConnectionSpec,
  work: Removing,
): Promise<void> {
  const { edges, report } = work
  const isNeeded = (text: string): boolean => work.elsewhere.some(({ note }) => note === text)
  const needed = noted.filter(isNeeded)
  if (needed.length > 0) note(neededText(needed, work.elsewhere), work)
  const notes = noted.filter((text) => !isNeeded(text))
  if (notes.length === 0) return
  const admin = edges.kafkaAdmin?.(connection)
  if (!admin) {
    const lines = linesOf(notes, connection).join('; ')
    note(
      `Rules (ACLs) that this action added stay, since kafka-admin-username is not given, or its Kafka not seen. An administrator removes them by: ${lines}`,
      work,
    )
    return
  }
  // Of whatever user they are: the connection may have had another one when they were made.
  const listing = await admin.listAcls()
  if ('unlisted' in listing) {
    if (listing.unlisted === 'refused') throw listing.failure
    // Then there is nothing that could stay.
    note(`Rules (ACLs) are no more: ${listing.failure.message}`, work)
    return
  }
  const ours = listing.acls.filter((acl) => notes.some((text) => isNotedAcl(acl, text)))
  edges.log.info(`Removing ${String(ours.length)} rule(s) (ACLs) of ${connection.name.name}`)
  for (const acl of await admin.deleteAcls(ours)) {
    report.changes.push({ object: rightText(acl), kind: 'acl', action: 'drop' })
  }
}

/** With the connections that keep them. */
function neededText(notes: string[], elsewhere: MarkedAcl[]): string {
  const parts = notes.map((text) => {
    const right = readNote(text)
    const by = elsewhere.filter((one) => one.note === text).map((one) => one.by)
    return `${right ? rightText(right) : text} (${[...new Set(by)].join(', ')})`
  })
  return `Rules (ACLs) stay, since other connections of this action need them: ${parts.join('; ')}.`
}

function linesOf(notes: string[], { kafka }: ConnectionSpec): string[] {
  const principal = kafka?.sasl ? `User:${kafka.sasl.username}` : 'User:<the user’s principal>'
  return notes.flatMap((text) => {
    const right = readNote(text)
    if (!right) return []
    const brokers = kafka?.brokers ?? []
    return aclCommand(allowing(right, principal), { brokers, change: 'remove' })
  })
}
