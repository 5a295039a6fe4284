import { SASL_MECHANISMS, SECURITY_PROTOCOLS } from './model-connection.ts'
import { keeping, list, object, PRIVILEGES_ON, text, value, word } from './spec-shape.ts'

export const CONNECTION = object('a connection', {
  kafka: {
    shape: object('the Kafka of a connection', {
      brokers: {
        shape: list(text('broker'), 1),
        needed: true,
        meaning: 'Brokers to begin with; 9092 where there is no port.',
      },
      username: {
        shape: value('username', ['text', 'env'], { secret: true }),
        otherwise: 'no login, which SASL_* protocols refuse',
        meaning: 'User name for SASL.',
      },
      password: {
        shape: value('password', ['env'], { secret: true }),
        otherwise: 'no login, which SASL_* protocols refuse',
        meaning:
          'Password for SASL. One line break at its end is dropped, nothing else is. Never written in the file.',
      },
      mechanism: {
        shape: word(SASL_MECHANISMS),
        default: 'SCRAM-SHA-256',
        meaning: 'How to log in.',
      },
      protocol: {
        shape: word(SECURITY_PROTOCOLS),
        default: 'SASL_SSL',
        meaning: 'Whether there is TLS and whether there is a login.',
      },
      ca: {
        shape: value('pem', ['text', 'env', 'file'], { secret: true }),
        otherwise: 'public authorities',
        meaning: 'Certificate authority of the brokers, where it is a private one.',
      },
    }),
    otherwise: 'the connection must exist already in Materialize',
    meaning: 'How to reach Kafka.',
  },
  ...keeping(PRIVILEGES_ON.connection),
})
