import {
  type ClearCredential,
  type ConnectionSpec,
  type Credential,
  CREDENTIALS,
  type KafkaConnection,
  type RegistryConnection,
} from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import { byteLength, MAX_NAME_BYTES } from './names.ts'
import { refuse, type Refusal } from './parse.ts'

/** Everything by which a connection logs in or trusts, as far as it has it. */
export function credentials(
  of: KafkaConnection | RegistryConnection,
): Partial<Record<Credential, string>> {
  const { ca, certificate, key } = of
  const login = 'url' in of ? of : of.sasl
  const all = { username: login?.username, password: login?.password, ca, certificate, key }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** The secrets of a connection, which lie beside it under names made of its own. */
export function connectionSecrets(
  connection: QualifiedName,
  of: KafkaConnection | RegistryConnection | undefined,
): ConnectionSpec['secrets'] {
  if (!of) return {}
  const all = credentials(of)
  const isClear = (what: Credential): boolean =>
    of.clear?.includes(what as ClearCredential) ?? false
  return Object.fromEntries(
    CREDENTIALS.filter((what) => all[what] !== undefined && !isClear(what)).map((what) => [
      what,
      { name: { ...connection, name: `${connection.name}_${what}` }, value: all[what] ?? '' },
    ]),
  )
}

/** Why the name leaves no room for those of these secrets, if so. */
export function tooLongForSecrets(
  connection: string,
  secrets: readonly string[],
): Refusal | undefined {
  const [longest = ''] = [...secrets].sort((a, b) => b.length - a.length)
  const bytes = byteLength(`${connection}_${longest}`)
  if (secrets.length === 0 || bytes <= MAX_NAME_BYTES) return undefined
  return refuse(`is too long: with _${longest} for its secret it has ${bytes} bytes`, {
    allowed: `${MAX_NAME_BYTES} bytes`,
  }).refusal
}
