import type { ClearCredential, TlsSettings } from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import type { Spot } from './spec-read.ts'
import { relationNamed } from './spec-references.ts'
import { keysOf, type SpecScope } from './spec-scope.ts'

/** What connections of every kind have in common in the file. */

/** What building a part of a connection needs. */
export interface ConnectionFacts {
  scope: SpecScope
  /** What messages call the part. */
  path: string
}

/** A connection that one goes by: of the file or any that exists. */
export function connectionNamed(
  { scope, path }: ConnectionFacts,
  spot: Spot<string> | undefined,
): QualifiedName | undefined {
  if (!spot) return undefined
  const known = new Set(keysOf(scope.file.connections))
  const parsed = relationNamed(spot.value, known, scope.within)
  if ('value' in parsed) return parsed.value
  scope.faults.refuse(spot.at, path, { ...parsed.refusal, quote: spot.value })
  return undefined
}

interface TlsRead {
  value: {
    ca?: Spot<string> | undefined
    certificate?: Spot<string> | undefined
    key?: Spot<string> | undefined
    username?: Spot<string> | undefined
  }
  given: ReadonlyMap<string, number>
}

/** Certificates, and what of them and the user name stays readable. */
export function buildTls(
  { value, given }: TlsRead,
  { scope, path }: ConnectionFacts,
): TlsSettings & { clear?: ClearCredential[] } {
  for (const [one, other] of [
    ['certificate', 'key'],
    ['key', 'certificate'],
  ] as const) {
    const at = given.get(one)
    if (at === undefined || given.has(other)) continue
    scope.faults.add(at, `${path}.${other} is missing, and ${path}.${one} needs it`)
  }
  const { ca, certificate, key } = value
  const clear = (['username', 'ca', 'certificate'] as const).filter((what) => value[what]?.clear)
  return {
    ...(ca && { ca: ca.value }),
    ...(certificate && { certificate: certificate.value }),
    ...(key && { key: key.value }),
    ...(clear.length > 0 && { clear }),
  }
}

/** Says of each of the keys that is there that it has no use, and why. */
export function refuseUseless(
  given: ReadonlyMap<string, number>,
  keys: readonly string[],
  { facts, why }: { facts: ConnectionFacts; why: string },
): void {
  for (const key of keys) {
    const at = given.get(key)
    if (at !== undefined) facts.scope.faults.add(at, `${facts.path}.${key} has no use ${why}`)
  }
}
