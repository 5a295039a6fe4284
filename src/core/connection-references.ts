import type { FailureFacts } from './failure.ts'
import { connectionsUsed, isDefined } from './model-connection.ts'
import type { Spec } from './model.ts'
import { findObject, type Observed } from './observed.ts'
import { qualified } from './sql.ts'

/** The types of connection, by the catalog’s names. */
const TYPES: Record<string, string> = {
  kafka: 'Kafka',
  'confluent-schema-registry': 'a schema registry',
  'ssh-tunnel': 'an SSH tunnel',
  'aws-privatelink': 'an AWS PrivateLink service',
  aws: 'AWS',
}

/** What a connection of the type connects to. */
export function connectionTypeText(type: string | undefined): string {
  return type === undefined ? 'something else' : (TYPES[type] ?? type)
}

/** Why tunnels, links and roles that connections go by cannot serve: they are never made here. */
export function connectionRefusals(spec: Spec, observed: Observed): FailureFacts[] {
  return spec.connections.filter(isDefined).flatMap((connection) =>
    connectionsUsed(connection).flatMap(({ through, connection: name }): FailureFacts[] => {
      const found = findObject(observed, name)
      const type = found?.connection?.type
      if (type === through) return []
      const use = `The connection ${qualified(connection.name)} is to go by ${qualified(name)}`
      const kind = connectionTypeText(through)
      return [
        {
          reason: 'connection-unknown',
          message: found
            ? `${use}, which is ${type === undefined ? `a ${found.type}` : `a connection to ${connectionTypeText(type)}`}, not one to ${kind}.`
            : `${use}, and there is no such connection to ${kind}.`,
          inputs: ['spec'],
        },
      ]
    }),
  )
}
