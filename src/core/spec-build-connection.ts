import { connectionSecrets, tooLongForSecrets } from './connection-secrets.ts'
import { isLoopback } from './hosts.ts'
import type { ConnectionSpec } from './model-connection.ts'
import { presetOf } from './presets.ts'
import { buildKafka } from './spec-build-kafka.ts'
import { buildRegistry } from './spec-build-registry.ts'
import { PRIVILEGES_ON } from './spec-shape.ts'
import type { Entry, SpecScope } from './spec-scope.ts'

/** A connection of the file by its name. */
export function buildConnection(
  scope: SpecScope,
  [name, read]: [string, Entry<'connections'>],
): ConnectionSpec {
  const path = scope.path('connections', name)
  const { value, given, keyAt } = read
  if (given.has('kafka') && given.has('registry')) {
    scope.faults.add(
      given.get('registry') ?? keyAt,
      `${path} has both kafka and registry; a connection leads to one of them, so make two`,
    )
  }
  const kafka = value.kafka && buildKafka(value.kafka, { scope, path: `${path}.kafka` })
  const registry =
    value.registry && buildRegistry(value.registry, { scope, path: `${path}.registry` })
  const secrets = connectionSecrets(scope.own(name), kafka ?? registry)
  const refusal = tooLongForSecrets(name, Object.keys(secrets))
  if (refusal) scope.faults.refuse(keyAt, path, refusal)
  const validate = (value.kafka ?? value.registry)?.value.validate.value
  return {
    name: scope.own(name),
    ...(kafka && { kafka }),
    ...(registry && { registry }),
    ...(validate === false && { validate }),
    ...(value.canary && { canary: value.canary.value }),
    secrets,
    ...scope.keeping(value, {
      fit: PRIVILEGES_ON.connection,
      onlyUsed: !given.has('kafka') && !given.has('registry'),
    }),
  }
}

/** What works and should not be left so. */
export function connectionWarnings({ name, kafka, registry }: ConnectionSpec): string[] {
  const shown = JSON.stringify(name.name)
  if (kafka?.protocol === 'SASL_PLAINTEXT' && kafka.sasl?.mechanism === 'PLAIN') {
    const local = kafka.brokers.every((broker) => isLoopback(broker.replace(/:\d+$/, '')))
    if (local) return []
    return [
      `The connection ${shown} has the protocol SASL_PLAINTEXT with the mechanism PLAIN: the password goes over the network in clear text.`,
    ]
  }
  if (registry?.password !== undefined && registry.url.startsWith('http:')) {
    if (isLoopback(new URL(registry.url).hostname.replace(/^\[|\]$/g, ''))) return []
    return [
      `The connection ${shown} has the URL of a registry without TLS: the password goes over the network in clear text.`,
    ]
  }
  return []
}

/** What the provider of a connection wants to be known. */
export function connectionNotes({ kafka }: ConnectionSpec): string[] {
  const { note } = presetOf(kafka?.provider)
  return note === undefined ? [] : [note]
}
