import { brokers } from './brokers.ts'
import type { Given } from './given.ts'
import { isLoopback } from './hosts.ts'
import type { InputName } from './input-table.ts'
import {
  SASL_MECHANISMS,
  SECURITY_PROTOCOLS,
  type KafkaSettings,
  type SecurityProtocol,
} from './model-connection.ts'
import type { KafkaCheck } from './model.ts'
import { choice, looseChoice, parseCertificates, parseLine, parseText } from './parse.ts'
import { BUILT_IN, PRESETS, PROVIDERS, type Preset, type Provider } from './presets.ts'

/** The provider named, whose note goes to the log. */
export function readProvider(given: Given): Provider | undefined {
  const provider = given.take('provider', choice(PROVIDERS))
  const preset: Preset | undefined = provider && PRESETS[provider]
  if (preset?.note !== undefined) given.notes.push(preset.note)
  return provider
}

/** How to reach Kafka: input, then the provider’s preset, then built-in. */
export function readKafka(given: Given, provider: Provider | undefined): KafkaSettings {
  const preset: Preset = provider ? PRESETS[provider] : BUILT_IN
  const list = given.take('kafka-brokers', brokers(preset.port)) ?? []
  const protocol =
    given.take('kafka-security-protocol', looseChoice(SECURITY_PROTOCOLS)) ?? preset.protocol
  const mechanism =
    given.take('kafka-sasl-mechanism', looseChoice(SASL_MECHANISMS)) ?? preset.mechanism
  const username = given.take('kafka-username', parseLine)
  const password = given.take('kafka-password', parseText)
  const ca = given.take('kafka-ca', parseCertificates)
  if (given.has('kafka-brokers')) checkProtocol(given, protocol)
  else checkNoBrokers(given)
  if (mechanism === 'PLAIN' && protocol === 'SASL_PLAINTEXT' && !allLocal(list)) {
    given.warnings.push(
      'kafka-security-protocol is SASL_PLAINTEXT with the mechanism PLAIN: the password goes over the network in clear text.',
    )
  }
  return {
    brokers: list,
    protocol,
    ...(username !== undefined &&
      password !== undefined && { sasl: { mechanism, username, password } }),
    ...(ca !== undefined && { ca }),
  }
}

/** Rules between settings that need the runner to know the brokers. */
export function checkReach(given: Given, wants: { check: KafkaCheck; createTopic: boolean }): void {
  if (given.has('kafka-brokers')) return
  if (wants.check === 'always') {
    given.refuse(
      ['kafka-check', 'kafka-brokers'],
      'kafka-check is always, and kafka-brokers is missing; give the brokers to look at',
    )
  }
  if (wants.createTopic) {
    given.refuse(
      ['create-topic', 'kafka-brokers'],
      'create-topic is true, and kafka-brokers is missing; give the brokers to create it on',
    )
  }
}

function allLocal(list: string[]): boolean {
  return list.every((broker) => isLoopback(broker.replace(/:\d+$/, '')))
}

const LOGIN = ['kafka-username', 'kafka-password'] as const

/** What the protocol needs and what it has no use for. */
function checkProtocol(given: Given, protocol: SecurityProtocol): void {
  // A protocol that was refused says nothing about the rest.
  if (given.isRefused('kafka-security-protocol')) return
  const useless = (names: readonly InputName[], lacks: string) => {
    const present = names.filter((name) => given.has(name))
    for (const name of present) {
      given.refuse(
        [name, 'kafka-security-protocol'],
        `${name} has no use while kafka-security-protocol is ${protocol}, which has no ${lacks}`,
      )
    }
  }
  if (protocol.startsWith('SASL_')) {
    for (const name of LOGIN.filter((login) => !given.has(login))) {
      given.refuse(
        [name],
        `${name} is missing or empty, and kafka-security-protocol ${protocol} needs it (SSL and PLAINTEXT have no login)`,
      )
    }
  } else {
    useless([...LOGIN, 'kafka-sasl-mechanism'], 'login')
  }
  if (protocol.endsWith('PLAINTEXT')) useless(['kafka-ca'], 'TLS')
}

const OF_BROKERS = [
  'kafka-username',
  'kafka-password',
  'kafka-sasl-mechanism',
  'kafka-security-protocol',
  'kafka-ca',
] as const

/** Without brokers an existing connection serves, and nothing else about Kafka may be given. */
function checkNoBrokers(given: Given): void {
  const present = OF_BROKERS.filter((name) => given.has(name))
  if (present.length === 0) return
  given.refuse(
    ['kafka-brokers', ...present],
    `kafka-brokers is missing or empty, while ${present.join(', ')} ${present.length === 1 ? 'is' : 'are'} given; give the brokers, or leave all of them out to use a connection that exists`,
  )
}
