import type { ConnectionSpec, KafkaSettings } from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import { byteLength, MAX_NAME_BYTES } from './names.ts'
import { refuse, type Refusal } from './parse.ts'

/** The secrets of a connection, which lie beside it under names made of its own. */
export function connectionSecrets(
  connection: QualifiedName,
  kafka: KafkaSettings,
): ConnectionSpec['secrets'] {
  const secret = (suffix: string, value: string) => ({
    name: { ...connection, name: `${connection.name}_${suffix}` },
    value,
  })
  return {
    ...(kafka.sasl && {
      username: secret('username', kafka.sasl.username),
      password: secret('password', kafka.sasl.password),
    }),
    ...(kafka.ca !== undefined && { ca: secret('ca', kafka.ca) }),
  }
}

/** Why the name leaves no room for those of its secrets, if so. */
export function tooLongForSecrets(connection: string): Refusal | undefined {
  const longest = byteLength(`${connection}_username`)
  if (longest <= MAX_NAME_BYTES) return undefined
  return refuse(`is too long: with _username for its secret it has ${longest} bytes`, {
    allowed: `${MAX_NAME_BYTES} bytes`,
  }).refusal
}
