import { brokers } from './brokers.ts'
import type { Given } from './given.ts'
import { isLoopback } from './hosts.ts'
import type { InputName } from './input-table.ts'
import {
  SASL_MECHANISMS,
  SECURITY_PROTOCOLS,
  type KafkaConnection,
  type SecurityProtocol,
} from './model-connection.ts'
import type { KafkaCheck } from './model.ts'
import {
  choice,
  looseChoice,
  parseCertificates,
  parseLine,
  parsePrivateKey,
  parseText,
} from './parse.ts'
import { presetFaults, presetOf, PROVIDERS, type Provider } from './presets.ts'

/** The provider named, whose note goes to the log. */
export function readProvider(given: Given): Provider | undefined {
  const provider = given.take('provider', choice(PROVIDERS))
  const { note } = presetOf(provider)
  if (note !== undefined) given.notes.push(note)
  return provider
}

/**
 * How to reach Kafka: input, then the provider’s preset, then built-in. Undefined without brokers:
 * then a connection that exists serves.
 */
export function readKafka(
  given: Given,
  provider: Provider | undefined,
): KafkaConnection | undefined {
  const preset = presetOf(provider)
  const list = given.take('kafka-brokers', brokers(preset.port)) ?? []
  const protocol =
    given.take('kafka-security-protocol', looseChoice(SECURITY_PROTOCOLS)) ?? preset.protocol
  const mechanism =
    given.take('kafka-sasl-mechanism', looseChoice(SASL_MECHANISMS)) ?? preset.mechanism
  const username = given.take('kafka-username', parseLine) ?? preset.username
  const password = given.take('kafka-password', parseText)
  const ca = given.take('kafka-ca', parseCertificates)
  const certificate = given.take('kafka-certificate', parseCertificates)
  const key = given.take('kafka-key', parsePrivateKey)
  if (!given.has('kafka-brokers')) {
    checkNoBrokers(given)
    return undefined
  }
  checkProtocol(given, protocol, preset.username)
  checkPair(given)
  const login = { mechanism, ...(username !== undefined && { username }) }
  checkPreset(given, provider, {
    ...login,
    protocol,
    brokers: list,
    ...(password !== undefined && { password }),
  })
  if (mechanism === 'PLAIN' && protocol === 'SASL_PLAINTEXT' && !allLocal(list)) {
    given.warnings.push(
      'kafka-security-protocol is SASL_PLAINTEXT with the mechanism PLAIN: the password goes over the network in clear text.',
    )
  }
  return {
    ...(provider !== undefined && { provider }),
    brokers: list,
    protocol,
    ...(username !== undefined &&
      password !== undefined && { sasl: { mechanism, username, password } }),
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && key !== undefined && { certificate, key }),
  }
}

const PARTS = {
  protocol: 'kafka-security-protocol',
  mechanism: 'kafka-sasl-mechanism',
  username: 'kafka-username',
  password: 'kafka-password',
  brokers: 'kafka-brokers',
} as const

/** What the provider would refuse. */
function checkPreset(
  given: Given,
  provider: Provider | undefined,
  of: Parameters<typeof presetFaults>[1],
): void {
  for (const { part, fault, quote } of presetFaults(provider, of)) {
    const name = PARTS[part]
    const shown = quote === undefined ? '' : ` ${given.show(quote)}`
    given.refuse([name], `${name}${shown} ${fault}`)
  }
}

/** A certificate of the client’s own is nothing without its key. */
function checkPair(given: Given): void {
  for (const [one, other] of [
    ['kafka-certificate', 'kafka-key'],
    ['kafka-key', 'kafka-certificate'],
  ] as const) {
    if (given.has(one) && !given.isRefused(one) && !given.has(other)) {
      given.refuse([other], `${other} is missing, and ${one} needs it`)
    }
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

const OF_TLS = ['kafka-ca', 'kafka-certificate', 'kafka-key'] as const
const LOGIN = ['kafka-username', 'kafka-password'] as const

/** What the protocol needs and what it has no use for. */
function checkProtocol(
  given: Given,
  protocol: SecurityProtocol,
  username: string | undefined,
): void {
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
    const needed = LOGIN.filter((name) => name !== 'kafka-username' || username === undefined)
    for (const name of needed.filter((login) => !given.has(login))) {
      given.refuse(
        [name],
        `${name} is missing or empty, and kafka-security-protocol ${protocol} needs it (SSL and PLAINTEXT have no login)`,
      )
    }
  } else {
    useless([...LOGIN, 'kafka-sasl-mechanism'], 'login')
  }
  if (protocol.endsWith('PLAINTEXT')) useless(OF_TLS, 'TLS')
}

const OF_BROKERS = [
  'kafka-username',
  'kafka-password',
  'kafka-sasl-mechanism',
  'kafka-security-protocol',
  ...OF_TLS,
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
