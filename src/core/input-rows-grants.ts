import { SASL_MECHANISMS } from './model-connection.ts'
import { GRANTS_WORDS } from './model-grants.ts'
import type { InputRow } from './input-row.ts'

export const GRANTS_ROWS = [
  {
    name: 'grants',
    group: 'grants',
    type: 'word',
    choices: GRANTS_WORDS,
    default: 'none',
    description:
      'Whether to see to what Materialize’s user may do in Kafka. check: say which rights the sources and sinks need and which of them are missing, and make nothing if one is. ensure: add exactly the missing ones as rules (ACLs) by kafka-admin-username; mode teardown removes those that were added.',
  },
  {
    name: 'kafka-admin-username',
    group: 'grants',
    type: 'text',
    otherwise: 'no administrator, which grants: ensure refuses',
    description:
      'User who may list, add and remove rules (ACLs), and by whom topics of the spec are then made, changed and deleted. Only this runner logs in as that user; Materialize never does.',
  },
  {
    name: 'kafka-admin-password',
    group: 'grants',
    type: 'secret',
    secret: true,
    otherwise: 'no administrator, which grants: ensure refuses',
    description: 'Password of kafka-admin-username.',
  },
  {
    name: 'kafka-admin-mechanism',
    group: 'grants',
    type: 'word',
    choices: SASL_MECHANISMS,
    otherwise: 'the connection’s',
    description: 'How kafka-admin-username logs in, in any case. TLS is as the connection has it.',
  },
] as const satisfies readonly InputRow[]
