import { connectionChanges, connectionDifferences } from './connection-differences.ts'
import { type ConnectionSpec, CREDENTIALS, isDefined } from './model-connection.ts'
import { registryOf } from './model-format.ts'
import type { Spec } from './model.ts'
import { type ObservedObject, sameName } from './observed.ts'
import {
  alterConnection,
  alterSecret,
  createConnection,
  createSecret,
  validateConnection,
} from './sql-connection.ts'
import { qualified } from './sql.ts'
import { nothing, type Wanted } from './wanted-model.ts'

/** The connection after its secrets. */
export function wantedConnection(spec: ConnectionSpec, whole: Spec): Wanted[] {
  const target = { kind: 'connection', name: spec.name } as const
  const type = typeOf(spec, whole)
  const connection: Wanted = {
    ...nothing,
    ...target,
    keeping: spec,
    input: 'connection',
    ...(type === undefined ? {} : { connectionType: type }),
    create: [createConnection(spec)],
    check: spec.validate === false ? [] : [validateConnection(spec.name)],
    differences: (found) => connectionDifferences(spec, found as ObservedObject),
    alter: (differences, found) => {
      const clauses = connectionChanges(spec, differences, found as ObservedObject)
      return clauses.length === 0 ? [] : [alterConnection(spec.name, clauses)]
    },
    ...(isDefined(spec)
      ? {}
      : {
          missing: {
            reason: 'input-invalid',
            message: `kafka-brokers is needed: there is no connection ${qualified(spec.name)}.`,
            hint: 'Give brokers and login to have it made, or correct the name of the connection.',
            inputs: ['kafka-brokers', 'connection'],
          },
        }),
  }
  const secrets = CREDENTIALS.map((what) => spec.secrets[what])
    .filter((secret) => secret !== undefined)
    .map((secret): Wanted => ({
      ...nothing,
      kind: 'secret',
      name: secret.name,
      // Secrets go with their connection: whoever owns it must own them.
      keeping: spec.owner === undefined ? {} : { owner: spec.owner },
      input: 'connection',
      create: [createSecret(secret)],
      write: [alterSecret(secret)],
      partOf: connection,
    }))
  return [...secrets, connection]
}

/** As the catalog names it; undefined where the spec leaves it open. */
function typeOf(spec: ConnectionSpec, whole: Spec): string | undefined {
  const registries = [...whole.sources, ...whole.tables, ...whole.sinks].flatMap((one) => [
    registryOf(one.format),
    registryOf(one.keyFormat),
  ])
  if (spec.registry || registries.some((name) => name && sameName(name, spec.name))) {
    return 'confluent-schema-registry'
  }
  const goByIt = [...whole.sources, ...whole.sinks, ...whole.topics].some((one) =>
    sameName(one.connection, spec.name),
  )
  return spec.kafka || goByIt ? 'kafka' : undefined
}
