import { generateKeyPairSync } from 'node:crypto'
import { planError, unknownHere } from './errors.ts'
import { checkKafkaOptions, find, noDuplicates, textOf } from './kafka-connection.ts'
import type { ConnectionItem } from './model.ts'
import type { Option } from './statements.ts'

export type ConnectionType = ConnectionItem['connectionType']

interface Kind {
  /** As the grammar writes it. */
  words: string
  /** As Materialize's own messages write it. */
  shown: string
  options: string[]
  validatedByDefault: boolean
}

export const KINDS: Record<ConnectionType, Kind> = {
  kafka: {
    words: 'KAFKA',
    shown: 'Kafka',
    options: [
      ...['AWS CONNECTION', 'AWS PRIVATELINK', 'BROKER', 'BROKERS', 'PROGRESS TOPIC'],
      ...['PROGRESS TOPIC REPLICATION FACTOR', 'SSH TUNNEL', 'SSL KEY', 'SSL CERTIFICATE'],
      ...['SSL CERTIFICATE AUTHORITY', 'SECURITY PROTOCOL', 'SASL MECHANISMS', 'SASL USERNAME'],
      'SASL PASSWORD',
    ],
    validatedByDefault: true,
  },
  'confluent-schema-registry': {
    words: 'CONFLUENT SCHEMA REGISTRY',
    shown: 'Confluent Schema Registry',
    options: [
      ...['AWS PRIVATELINK', 'PASSWORD', 'PORT', 'SSH TUNNEL', 'SSL CERTIFICATE'],
      ...['SSL CERTIFICATE AUTHORITY', 'SSL KEY', 'URL', 'USER'],
    ],
    validatedByDefault: true,
  },
  'ssh-tunnel': {
    words: 'SSH TUNNEL',
    shown: 'SSH Tunnel',
    options: ['HOST', 'PORT', 'USER', 'PUBLIC KEY 1', 'PUBLIC KEY 2'],
    validatedByDefault: false,
  },
  'aws-privatelink': {
    words: 'AWS PRIVATELINK',
    shown: 'AWS PrivateLink',
    options: ['AVAILABILITY ZONES', 'PORT', 'SERVICE NAME'],
    validatedByDefault: false,
  },
  aws: {
    words: 'AWS',
    shown: 'AWS',
    options: [
      ...['ACCESS KEY ID', 'SECRET ACCESS KEY', 'SESSION TOKEN', 'ENDPOINT', 'REGION'],
      ...['ASSUME ROLE ARN', 'ASSUME ROLE SESSION NAME'],
    ],
    validatedByDefault: false,
  },
}

export function kindOf(words: string): ConnectionType {
  const found = (Object.keys(KINDS) as ConnectionType[]).find((type) => KINDS[type].words === words)
  if (found === undefined) throw unknownHere(`connections to ${words}`)
  return found
}

/** What Materialize refuses before it has spoken to anybody. */
export function checkOptions(type: ConnectionType, options: Option[]): void {
  noDuplicates(options)
  const { words, options: fitting } = KINDS[type]
  const unfit = options.map(({ name }) => name).filter((name) => !fitting.includes(name))
  if (unfit.length > 0) {
    throw planError(`${words} connections do not support ${unfit.sort().join(', ')} values`)
  }
  for (const name of ['SASL PASSWORD', 'SSL KEY', 'PASSWORD', 'SECRET ACCESS KEY']) {
    const value = find(options, name)
    if (value !== undefined && value.is !== 'secret-id') {
      throw planError(`invalid ${name}: must provide a secret value`)
    }
  }
  CHECKS[type](options)
}

const CHECKS: Record<ConnectionType, (options: Option[]) => void> = {
  kafka: checkKafkaOptions,
  'confluent-schema-registry': checkRegistry,
  'ssh-tunnel': (options) => {
    required(options, ['HOST', 'USER'])
    if (find(options, 'USER')?.is === 'secret-id') {
      throw planError('SSH connections do not support supplying USER value as SECRET')
    }
  },
  'aws-privatelink': (options) => required(options, ['SERVICE NAME', 'AVAILABILITY ZONES']),
  aws: checkAws,
}

function required(options: Option[], names: string[]): void {
  for (const name of names) {
    if (find(options, name) === undefined) throw planError(`${name} option is required`)
  }
}

function checkRegistry(options: Option[]): void {
  const given = find(options, 'URL')
  if (given === undefined) throw planError('invalid CONNECTION: must specify URL')
  const url = registryUrl(textOf(given, 'URL'))
  if (url.host === '') throw planError('invalid CONNECTION: URL must specify domain name')
  if (url.pathname !== '/') throw planError('invalid CONNECTION: URL must have an empty path')
  if (has(options, 'SSL KEY') !== has(options, 'SSL CERTIFICATE')) {
    throw planError(
      'invalid CONNECTION: reading from SSL-auth Confluent Schema Registry requires both SSL KEY ' +
        'and SSL CERTIFICATE',
    )
  }
  const link = find(options, 'AWS PRIVATELINK')
  if (link?.is === 'object-id' && link.options !== undefined) {
    throw planError('invalid CONNECTION: PORT in AWS PRIVATELINK is only supported for kafka')
  }
}

function registryUrl(text: string): URL {
  try {
    return new URL(text)
  } catch {
    // The words of Rust's parser of URLs for the commonest mistake: no scheme.
    throw planError('parsing schema registry url: relative URL without a base')
  }
}

function has(options: Option[], name: string): boolean {
  return find(options, name) !== undefined
}

function checkAws(options: Option[]): void {
  const pair = ['ACCESS KEY ID', 'SECRET ACCESS KEY'].filter((name) => has(options, name)).length
  if (pair === 1 || (pair === 0 && has(options, 'SESSION TOKEN'))) {
    throw planError(
      'must specify both ACCESS KEY ID and SECRET ACCESS KEY with optional SESSION TOKEN',
    )
  }
  const assumes = has(options, 'ASSUME ROLE ARN')
  if (!assumes && has(options, 'ASSUME ROLE SESSION NAME')) {
    throw planError('must specify ASSUME ROLE ARN with optional ASSUME ROLE SESSION NAME')
  }
  if (pair === 0 && !assumes) {
    throw planError('must specify either ASSUME ROLE ARN or ACCESS KEY ID and SECRET ACCESS KEY')
  }
  if (pair === 2 && assumes) {
    throw planError('cannot specify both ACCESS KEY ID and ASSUME ROLE ARN')
  }
}

/** An SSH connection keeps two key pairs, of which its definition tells the public halves. */
export function withPublicKeys(options: Option[]): Option[] {
  const missing = ['PUBLIC KEY 1', 'PUBLIC KEY 2'].filter((name) => !has(options, name))
  return [
    ...options,
    ...missing.map((name): Option => ({ name, value: { is: 'string', value: publicKey() } })),
  ]
}

/** In OpenSSH's form: the algorithm's name and the key, each after its length. */
function publicKey(): string {
  const { publicKey: key } = generateKeyPairSync('ed25519')
  const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32)
  const parts = [Buffer.from('ssh-ed25519'), raw].flatMap((part) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(part.length)
    return [length, part]
  })
  return `ssh-ed25519 ${Buffer.concat(parts).toString('base64')} materialize`
}
