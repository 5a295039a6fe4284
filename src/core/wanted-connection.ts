import { connectionChanges, connectionDifferences } from './connection-differences.ts'
import type { ConnectionSpec } from './model-connection.ts'
import type { ObservedObject } from './observed.ts'
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
export function wantedConnection(spec: ConnectionSpec): Wanted[] {
  const target = { kind: 'connection', name: spec.name } as const
  const secrets = [spec.secrets.username, spec.secrets.password, spec.secrets.ca]
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
      partOf: target,
    }))
  const connection: Wanted = {
    ...nothing,
    ...target,
    keeping: spec,
    input: 'connection',
    create: [createConnection(spec)],
    check: [validateConnection(spec.name)],
    differences: (found) => connectionDifferences(spec, found as ObservedObject),
    alter: (differences) => {
      const clauses = connectionChanges(spec, differences)
      return clauses.length === 0 ? [] : [alterConnection(spec.name, clauses)]
    },
    ...(spec.kafka.brokers.length > 0
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
  return [...secrets, connection]
}
