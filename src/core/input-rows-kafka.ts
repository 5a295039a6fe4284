import { SASL_MECHANISMS, SECURITY_PROTOCOLS } from './model-connection.ts'
import { KAFKA_CHECKS } from './model.ts'
import { PROVIDERS } from './presets.ts'
import type { InputRow } from './input-row.ts'

export const KAFKA_ROWS = [
  {
    name: 'kafka-brokers',
    group: 'kafka',
    type: 'list',
    otherwise: 'no look at Kafka, and the connection must already exist in Materialize',
    description:
      'Brokers to begin with, host:port each, separated by commas or line breaks; the provider’s port, or 9092, where there is none.',
  },
  {
    name: 'kafka-username',
    group: 'kafka',
    type: 'text',
    otherwise: 'no login, which SASL_* protocols refuse',
    description: 'User name for SASL.',
  },
  {
    name: 'kafka-password',
    group: 'kafka',
    type: 'secret',
    secret: true,
    otherwise: 'no login, which SASL_* protocols refuse',
    description: 'Password for SASL. One line break at its end is dropped, nothing else is.',
  },
  {
    name: 'kafka-sasl-mechanism',
    group: 'kafka',
    type: 'word',
    choices: SASL_MECHANISMS,
    otherwise: 'the provider’s, or SCRAM-SHA-256',
    description: 'How to log in, in any case.',
  },
  {
    name: 'kafka-security-protocol',
    group: 'kafka',
    type: 'word',
    choices: SECURITY_PROTOCOLS,
    otherwise: 'the provider’s, or SASL_SSL',
    description: 'Whether there is TLS and whether there is a login, in any case.',
  },
  {
    name: 'kafka-ca',
    group: 'kafka',
    type: 'PEM text',
    otherwise: 'public authorities',
    description: 'Certificate authority of the brokers, where it is a private one.',
  },
  {
    name: 'kafka-certificate',
    group: 'kafka',
    type: 'PEM text',
    otherwise: 'no certificate of the client’s own',
    description: 'The client’s own certificate, where brokers ask for one; needs kafka-key.',
  },
  {
    name: 'kafka-key',
    group: 'kafka',
    type: 'secret',
    secret: true,
    otherwise: 'no certificate of the client’s own',
    description: 'Private key of kafka-certificate as PEM text, without a passphrase.',
  },
  {
    name: 'kafka-check',
    group: 'kafka',
    type: 'word',
    choices: KAFKA_CHECKS,
    default: 'auto',
    description:
      'Whether to look at Kafka from the runner first. auto: faults of TLS, login or rights end the run, unreachable brokers are left to Materialize, which may reach them. always: those end it too. never: no look.',
  },
  {
    name: 'provider',
    group: 'kafka',
    type: 'word',
    choices: PROVIDERS,
    otherwise: 'no preset',
    description:
      'A preset for protocol, mechanism, port and what else the provider’s clusters have in common; what it would refuse is refused before anything is made. See Providers.',
  },
] as const satisfies readonly InputRow[]
