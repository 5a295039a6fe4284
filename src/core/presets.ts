import type { SaslMechanism, SecurityProtocol } from './model-connection.ts'
import type { Compression, SinkSpec } from './model-sink.ts'
import { alternatives } from './parse.ts'

/** What a provider’s clusters have in common. What is given goes before it, within its limits. */
export interface Preset {
  /** As people call the service. */
  title: string
  protocol: SecurityProtocol
  mechanism: SaslMechanism
  /** The port of a broker written without one; absent: there is none that they have in common. */
  port?: number
  /** What it takes besides; others are refused. Absent: any. */
  mechanisms?: readonly SaslMechanism[]
  protocols?: readonly SecurityProtocol[]
  /** The user name that everybody has there. */
  username?: string
  /** What the password begins with. */
  password?: { begins: string; is: string }
  /** What listens at ports that are not for SCRAM or PLAIN. */
  otherPorts?: Readonly<Record<number, string>>
  /** How many replicas it keeps of every topic, whatever is asked for. */
  replicationFactor?: number
  /** How sinks may compress there, the default first; absent: any way. */
  compression?: readonly Compression[]
  /** Whose certificates its brokers show, for readers. */
  authority: string
  /** What the log should say to whoever chooses it. */
  note?: string
  /** Limits that nothing here can check, for readers. */
  beware?: string
}

const BUILT_IN = { protocol: 'SASL_SSL', mechanism: 'SCRAM-SHA-256', port: 9092 } as const

const SCRAM = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export const PRESETS = {
  upstash: {
    ...BUILT_IN,
    title: 'Upstash',
    mechanisms: SCRAM,
    authority: 'public',
    note: 'Upstash closed its Kafka service on 11 March 2025. The preset still sets SASL_SSL, SCRAM-SHA-256 and port 9092, for whatever took its place.',
    beware: 'Closed since 11 March 2025.',
  },
  'confluent-cloud': {
    ...BUILT_IN,
    title: 'Confluent Cloud',
    mechanism: 'PLAIN',
    mechanisms: ['PLAIN'],
    protocols: ['SASL_SSL'],
    replicationFactor: 3,
    authority: 'public',
    beware: 'User name and password are an API key of the cluster and its secret.',
  },
  'redpanda-cloud': {
    ...BUILT_IN,
    title: 'Redpanda Cloud',
    mechanisms: SCRAM,
    protocols: ['SASL_SSL'],
    authority: 'public',
    beware:
      'Each user has one of the two mechanisms. A new user has no rights: a sink needs the transactional id and the consumer group, too.',
  },
  'redpanda-serverless': {
    ...BUILT_IN,
    title: 'Redpanda Serverless',
    mechanisms: SCRAM,
    protocols: ['SASL_SSL'],
    replicationFactor: 3,
    authority: 'public',
    beware: 'Each user has one of the two mechanisms, and no rights at first.',
  },
  redpanda: {
    ...BUILT_IN,
    title: 'Redpanda',
    authority: 'your own',
    beware: 'Sinks need transactions and idempotence switched on.',
  },
  aiven: {
    protocol: 'SASL_SSL',
    mechanism: 'SCRAM-SHA-256',
    title: 'Aiven',
    protocols: ['SASL_SSL', 'SSL'],
    authority: 'the project’s',
    beware:
      'The ports for SASL and for client certificates differ by service. The certificates are the project’s own (give ca), unless the service has letsencrypt_sasl. With Kafka 4, Materialize before v0.164 cannot log in by SCRAM: take PLAIN.',
  },
  warpstream: {
    ...BUILT_IN,
    title: 'WarpStream',
    mechanism: 'PLAIN',
    mechanisms: ['PLAIN', 'SCRAM-SHA-512'],
    authority: 'your own',
    beware: 'Whether there are transactions depends on the version of the agents.',
  },
  'msk-scram': {
    protocol: 'SASL_SSL',
    mechanism: 'SCRAM-SHA-512',
    port: 9096,
    title: 'Amazon MSK by SCRAM',
    mechanisms: ['SCRAM-SHA-512'],
    protocols: ['SASL_SSL'],
    otherPorts: {
      9092: 'plain text',
      9094: 'TLS without SASL',
      9098: 'IAM',
      9194: 'TLS without SASL',
      9198: 'IAM',
    },
    authority: 'public',
    beware:
      'Public brokers have port 9196, and need an ACL for everything. For IAM, see aws-connection.',
  },
  'event-hubs': {
    protocol: 'SASL_SSL',
    mechanism: 'PLAIN',
    port: 9093,
    title: 'Azure Event Hubs',
    mechanisms: ['PLAIN'],
    protocols: ['SASL_SSL'],
    username: '$ConnectionString',
    password: { begins: 'Endpoint=sb://', is: 'the connection string of the namespace' },
    compression: ['none', 'gzip'],
    authority: 'public',
    note: 'Azure Event Hubs has transactions, which every sink needs, on its Premium and Dedicated tiers only.',
    beware: 'No Kafka on the Basic tier. Sinks need Premium or Dedicated.',
  },
  'self-managed': { ...BUILT_IN, title: 'a Kafka of your own', authority: 'your own' },
} as const satisfies Record<string, Preset>

export type Provider = keyof typeof PRESETS

export const PROVIDERS = Object.keys(PRESETS) as Provider[]

/** What holds for a connection; without a provider the built-in defaults and no limits. */
export function presetOf(provider: Provider | undefined): Preset {
  return provider === undefined
    ? { ...BUILT_IN, title: '', authority: '' }
    : (PRESETS[provider] as Preset)
}

/** A part of a connection that its provider will not take, and why, after the part’s name. */
export interface PresetFault {
  part: 'protocol' | 'mechanism' | 'username' | 'password' | 'brokers'
  fault: string
  /** The value to blame, where it may be shown. */
  quote?: string
}

/** Why a provider would refuse what was given; nothing is asked for that. */
export function presetFaults(
  provider: Provider | undefined,
  of: {
    protocol: SecurityProtocol
    mechanism?: SaslMechanism
    username?: string
    password?: string
    brokers: readonly string[]
  },
): PresetFault[] {
  const preset = presetOf(provider)
  const { title, protocols, mechanisms, username, password, otherPorts = {} } = preset
  const faults: PresetFault[] = []
  const take = <T extends string>(
    part: 'protocol' | 'mechanism',
    value: T | undefined,
    allowed: readonly T[] | undefined,
  ): void => {
    if (value === undefined || !allowed || allowed.includes(value)) return
    faults.push({
      part,
      quote: value,
      fault: `is none that ${title} takes; allowed: ${alternatives(allowed)}`,
    })
  }
  take('protocol', of.protocol, protocols)
  if (of.protocol.startsWith('SASL_')) take('mechanism', of.mechanism, mechanisms)
  if (username !== undefined && of.username !== undefined && of.username !== username) {
    faults.push({
      part: 'username',
      fault: `must be the literal ${username} at ${title}, whoever logs in; leave it out, or take care that no shell fills in the $`,
    })
  }
  if (password && of.password !== undefined && !of.password.startsWith(password.begins)) {
    faults.push({
      part: 'password',
      fault: `must be ${password.is} at ${title}, which begins with ${password.begins}`,
    })
  }
  for (const broker of of.brokers) {
    const port = Number(broker.slice(broker.lastIndexOf(':') + 1))
    const other = otherPorts[port]
    if (other === undefined) continue
    faults.push({
      part: 'brokers',
      quote: broker,
      fault: `has the port that is for ${other} at ${title}; allowed: ${String(preset.port)}, or that of the service’s own page`,
    })
  }
  return faults
}

/** Replicas of a topic for which none were asked for. */
export function defaultReplicationFactor(provider: Provider | undefined): number {
  return presetOf(provider).replicationFactor ?? -1
}

/** Why a provider would not make a topic with so many replicas, after the name of the setting. */
export function replicationFault(
  provider: Provider | undefined,
  factor: number,
): string | undefined {
  const { title, replicationFactor: insists } = presetOf(provider)
  if (insists === undefined || factor === insists || factor === -1) return undefined
  return `is ${String(factor)}, and ${title} keeps every topic with ${String(insists)} replicas; give that, or leave it out`
}

/** The sink with what its provider needs and it does not say. */
export function presetSink(sink: SinkSpec, provider: Provider | undefined): SinkSpec {
  const [compression] = presetOf(provider).compression ?? []
  return compression === undefined || sink.compression !== undefined
    ? sink
    : { ...sink, compression }
}

/** Why a provider would refuse a sink: keys of the spec, and what is wrong with each. */
export function sinkFaults(
  { compression, topicReplicationFactor: factor }: SinkSpec,
  provider: Provider | undefined,
): { key: 'compression' | 'topic-replication-factor'; fault: string }[] {
  const { title, compression: allowed } = presetOf(provider)
  const replicas = factor === undefined ? undefined : replicationFault(provider, factor)
  const refused = compression !== undefined && allowed && !allowed.includes(compression)
  return [
    ...(refused
      ? [
          {
            key: 'compression' as const,
            fault: `${compression} is none that ${title} takes; allowed: ${alternatives(allowed)}`,
          },
        ]
      : []),
    ...(replicas === undefined
      ? []
      : [{ key: 'topic-replication-factor' as const, fault: replicas }]),
  ]
}
