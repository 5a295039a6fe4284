import { type Example, type Examples, kept, type Part } from './example.ts'

const CONNECTIONS = 'bundle/connections.test.ts'
const REGISTRIES = 'bundle/registries.test.ts'

const PLAIN = { protocol: 'SSL', username: undefined, password: undefined }
const LOGIN = { username: { env: 'KAFKA_USERNAME' }, password: { env: 'KAFKA_PASSWORD' } }
const CERTIFICATE = { certificate: { env: 'CERTIFICATE' }, key: { env: 'KEY' } }
const LINKED = { address: 'kafka:9092', 'aws-privatelink': 'link' }

type Row = Omit<Example, 'test'> & { test?: string }

function within(place: 'kafka' | 'registry', rows: Record<string, Row>, test: string): Examples {
  const wrapped = (keys: Part): Part => ({ [place]: keys })
  return Object.fromEntries(
    Object.entries(rows).map(([key, { base, set, ...more }]): [string, Example] => [
      `connections.${place}.${key}`,
      { test, ...more, set: wrapped(set), ...(base && { base: wrapped(base) }) },
    ]),
  )
}

const tls = (
  input: { ca?: 'kafka-ca'; pair?: true } = {},
  base: Part = {},
): Record<string, Row> => ({
  ca: {
    base,
    set: { ca: { env: 'CA' } },
    sql: 'SSL CERTIFICATE AUTHORITY',
    ...(input.ca && { input: input.ca }),
  },
  certificate: {
    base,
    set: CERTIFICATE,
    sql: 'SSL CERTIFICATE',
    ...(input.pair && { input: 'kafka-certificate' }),
  },
  key: { base, set: CERTIFICATE, sql: 'SSL KEY', ...(input.pair && { input: 'kafka-key' }) },
})

export const OF_CONNECTIONS: Examples = {
  ...within(
    'kafka',
    {
      provider: {
        set: { provider: 'confluent-cloud' },
        sql: 'SASL MECHANISMS',
        input: 'provider',
        test: 'presets.test.ts',
      },
      brokers: {
        set: { brokers: ['kafka:9092', 'kafka2:9092'] },
        sql: 'BROKERS',
        input: 'kafka-brokers',
      },
      'brokers.address': {
        set: { brokers: [{ address: 'kafka2:9092', 'ssh-tunnel': 'bastion' }] },
        sql: 'BROKER',
      },
      'brokers.matching': {
        base: { brokers: [LINKED] },
        set: { brokers: [LINKED, { matching: '*.use1-az1.*', 'aws-privatelink': 'link' }] },
        sql: 'MATCHING',
      },
      'brokers.ssh-tunnel': {
        set: { brokers: [{ address: 'kafka:9092', 'ssh-tunnel': 'bastion' }] },
        sql: 'USING SSH TUNNEL',
      },
      'brokers.aws-privatelink': {
        set: { brokers: [LINKED] },
        sql: 'USING AWS PRIVATELINK',
      },
      'brokers.availability-zone': {
        base: { brokers: [LINKED] },
        set: { brokers: [{ ...LINKED, 'availability-zone': 'use1-az1' }] },
        sql: 'AVAILABILITY ZONE',
      },
      'brokers.port': {
        base: { brokers: [LINKED] },
        set: { brokers: [{ ...LINKED, port: 9192 }] },
        sql: 'PORT',
      },
      username: {
        base: { username: 'shop' },
        set: { username: { text: 'shop' } },
        sql: 'SASL USERNAME',
        input: 'kafka-username',
      },
      password: {
        base: PLAIN,
        set: { protocol: undefined, ...LOGIN },
        sql: 'SASL PASSWORD',
        input: 'kafka-password',
      },
      mechanism: {
        set: { mechanism: 'SCRAM-SHA-512' },
        sql: 'SASL MECHANISMS',
        input: 'kafka-sasl-mechanism',
      },
      protocol: {
        set: { protocol: 'SASL_PLAINTEXT' },
        sql: 'SECURITY PROTOCOL',
        input: 'kafka-security-protocol',
      },
      ...tls({ ca: 'kafka-ca', pair: true }),
      'ssh-tunnel': { set: { 'ssh-tunnel': 'bastion' }, sql: 'SSH TUNNEL' },
      'aws-privatelink': {
        set: { brokers: undefined, 'aws-privatelink': 'link' },
        sql: 'AWS PRIVATELINK',
      },
      'aws-privatelink.connection': {
        base: { brokers: undefined, 'aws-privatelink': { connection: 'link' } },
        set: { 'aws-privatelink': { connection: 'link2' } },
        sql: 'AWS PRIVATELINK',
      },
      'aws-privatelink.port': {
        base: { brokers: undefined, 'aws-privatelink': { connection: 'link' } },
        set: { 'aws-privatelink': { connection: 'link', port: 9192 } },
        sql: 'PORT',
      },
      'aws-connection': {
        base: PLAIN,
        set: { protocol: 'SASL_SSL', 'aws-connection': 'aws' },
        sql: 'AWS CONNECTION',
      },
      'progress-topic': { set: { 'progress-topic': 'progress' }, sql: 'PROGRESS TOPIC' },
      'progress-topic-replication-factor': {
        set: { 'progress-topic-replication-factor': 3 },
        sql: 'PROGRESS TOPIC REPLICATION FACTOR',
        test: 'core/spec-connection.test.ts',
      },
      validate: { base: { validate: false }, set: { validate: true }, sql: 'VALIDATE CONNECTION' },
    },
    CONNECTIONS,
  ),
  ...within(
    'registry',
    {
      url: { set: { url: 'http://registry2:8081' }, sql: 'URL' },
      username: {
        set: { username: { text: 'shop' }, password: { env: 'REGISTRY_PASSWORD' } },
        sql: 'USERNAME',
      },
      password: {
        base: { username: { text: 'shop' } },
        set: { password: { env: 'REGISTRY_PASSWORD' } },
        sql: 'PASSWORD',
      },
      ...tls({}, { url: 'https://registry:8081' }),
      'ssh-tunnel': {
        set: { 'ssh-tunnel': 'bastion' },
        sql: 'SSH TUNNEL',
        test: 'core/connection-sql.test.ts',
      },
      'aws-privatelink': {
        set: { 'aws-privatelink': 'link' },
        sql: 'AWS PRIVATELINK',
        test: 'core/connection-sql.test.ts',
      },
      validate: { base: { validate: false }, set: { validate: true }, sql: 'VALIDATE CONNECTION' },
    },
    REGISTRIES,
  ),
  ...kept('connections', 'core/plan.test.ts', 'usage'),
}
