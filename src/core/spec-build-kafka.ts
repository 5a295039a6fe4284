import type { KafkaConnection, Route, SecurityProtocol } from './model-connection.ts'
import { presetFaults, presetOf, replicationFault, type Preset } from './presets.ts'
import {
  buildTls,
  connectionNamed,
  type ConnectionFacts,
  refuseUseless,
} from './spec-connection-parts.ts'
import type { Spot } from './spec-read.ts'
import type { Entry } from './spec-scope.ts'

type KafkaRead = NonNullable<Entry<'connections'>['value']['kafka']>
type BrokerRead = NonNullable<KafkaRead['value']['brokers']>['value'][number]
type BrokerMap = Exclude<BrokerRead['value'], string>

/** The Kafka of a connection, every fault in it named. */
export function buildKafka(read: KafkaRead, facts: ConnectionFacts): KafkaConnection {
  const { value } = read
  const provider = value.provider?.value
  const preset = presetOf(provider)
  const protocol = value.protocol?.value ?? preset.protocol
  const mechanism = value.mechanism?.value ?? preset.mechanism
  const username = value.username?.value ?? preset.username
  const password = value.password?.value
  const aws = connectionNamed(at(facts, 'aws-connection'), value['aws-connection'])
  const reach = buildReach(read, preset, facts)
  checkLogin(read, { protocol, preset }, facts)
  const progressTopic = value['progress-topic']?.value
  const factor = value['progress-topic-replication-factor']?.value
  const kafka: KafkaConnection = {
    ...(provider !== undefined && { provider }),
    ...reach,
    protocol,
    ...(!read.given.has('aws-connection') &&
      username !== undefined &&
      password !== undefined && { sasl: { mechanism, username, password } }),
    ...buildTls(read, facts),
    ...(aws && { aws }),
    ...(progressTopic !== undefined && { progressTopic }),
    ...(factor !== undefined && { progressTopicReplicationFactor: factor }),
  }
  checkPreset(read, kafka, facts)
  return kafka
}

const at = (facts: ConnectionFacts, key: string): ConnectionFacts => ({
  ...facts,
  path: `${facts.path}.${key}`,
})

const LOGIN = ['username', 'password', 'mechanism']

/** What the protocol needs and what it has no use for. */
function checkLogin(
  read: KafkaRead,
  { protocol, preset }: { protocol: SecurityProtocol; preset: Preset },
  facts: ConnectionFacts,
): void {
  const { given } = read
  const { scope, path } = facts
  const without = (lacks: string) => ({
    facts,
    why: `while ${path}.protocol is ${protocol}, which has no ${lacks}`,
  })
  // A protocol that was refused says nothing about the rest.
  if (given.has('protocol') && !read.value.protocol) return
  const isSasl = protocol.startsWith('SASL_')
  if (given.has('aws-connection')) {
    refuseUseless(given, LOGIN, { facts, why: `beside ${path}.aws-connection, which logs in` })
    if (!isSasl) refuseUseless(given, ['aws-connection'], without('login'))
  } else if (isSasl) {
    const needed = preset.username === undefined ? ['username', 'password'] : ['password']
    for (const key of needed.filter((one) => !given.has(one))) {
      scope.faults.add(
        read.keyAt,
        `${path}.${key} is missing, and the protocol ${protocol} needs it (SSL and PLAINTEXT have no login)`,
      )
    }
  } else {
    refuseUseless(given, LOGIN, without('login'))
  }
  if (protocol.endsWith('PLAINTEXT')) {
    refuseUseless(given, ['ca', 'certificate', 'key'], without('TLS'))
  }
}

/** What the provider would refuse. */
function checkPreset(read: KafkaRead, kafka: KafkaConnection, facts: ConnectionFacts): void {
  const { faults } = facts.scope
  const { value, given } = read
  const found = presetFaults(kafka.provider, {
    protocol: kafka.protocol,
    brokers: kafka.brokers,
    ...(value.mechanism && { mechanism: value.mechanism.value }),
    ...(value.username && { username: value.username.value }),
    ...(value.password && { password: value.password.value }),
  })
  for (const { part, fault, quote } of found) {
    const where = given.get(part) ?? read.keyAt
    const shown = quote === undefined ? '' : ` ${faults.show(quote)}`
    faults.add(where, `${facts.path}.${part}${shown} ${fault}`)
  }
  const key = 'progress-topic-replication-factor'
  const factor = value[key]
  const fault = factor && replicationFault(kafka.provider, factor.value)
  if (fault !== undefined) faults.add(factor?.at ?? 0, `${facts.path}.${key} ${fault}`)
}

type Reach = Pick<KafkaConnection, 'brokers' | 'routes' | 'matching' | 'route'>

/** The brokers and the ways to them. */
function buildReach(read: KafkaRead, preset: Preset, facts: ConnectionFacts): Reach {
  const { value, given, keyAt } = read
  const { faults } = facts.scope
  const { path } = facts
  const tunnel = connectionNamed(at(facts, 'ssh-tunnel'), value['ssh-tunnel'])
  const link = buildLink(value['aws-privatelink'], at(facts, 'aws-privatelink'))
  if (!given.has('brokers') && !given.has('aws-privatelink')) {
    faults.add(keyAt, `${path}.brokers is missing`)
  }
  for (const other of ['brokers', 'ssh-tunnel']) {
    const where = given.get(other)
    if (where === undefined || !given.has('aws-privatelink')) continue
    faults.add(
      where,
      `${path}.${other} has no use beside ${path}.aws-privatelink, by which all brokers are reached; a single broker takes { address: …, aws-privatelink: … }`,
    )
  }
  const route: Route | undefined = link ?? (tunnel && { through: 'ssh-tunnel', connection: tunnel })
  return { ...buildBrokers(value.brokers, preset, facts), ...(route && { route }) }
}

function buildLink(
  spot: KafkaRead['value']['aws-privatelink'],
  facts: ConnectionFacts,
): Route | undefined {
  if (!spot) return undefined
  const { value } = spot
  const named = typeof value === 'string' ? { ...spot, value } : value.connection
  const port = typeof value === 'string' ? undefined : value.port?.value
  const connection = connectionNamed(facts, named)
  return (
    connection && { through: 'aws-privatelink', connection, ...(port !== undefined && { port }) }
  )
}

function buildBrokers(
  list: KafkaRead['value']['brokers'],
  preset: Preset,
  facts: ConnectionFacts,
): Pick<Reach, 'brokers' | 'routes' | 'matching'> {
  const path = `${facts.path}.brokers`
  const { faults } = facts.scope
  const brokers: string[] = []
  const routes: Record<string, Route> = {}
  const matching: NonNullable<Reach['matching']> = []
  const take = (spot: Spot<string>): string => {
    const address = withPort(spot, preset, { ...facts, path })
    if (brokers.includes(address)) {
      faults.add(spot.at, `${path} names ${faults.show(address)} twice`)
    } else brokers.push(address)
    return address
  }
  for (const spot of list?.value ?? []) {
    if (typeof spot.value === 'string') {
      take({ ...spot, value: spot.value })
      continue
    }
    const { address, matching: pattern } = spot.value
    checkBroker(spot as Spot<BrokerMap>, { ...facts, path })
    const route = brokerRoute(spot.value, { ...facts, path })
    if (address) {
      const taken = take(address)
      if (route) routes[taken] = route
    } else if (pattern && route) matching.push({ pattern: pattern.value, route })
  }
  if (list && matching.length > 0 && brokers.length === 0) {
    faults.add(
      list.at,
      `${path} has patterns only; give at least one broker with an address to begin with`,
    )
  }
  return {
    brokers,
    ...(Object.keys(routes).length > 0 && { routes }),
    ...(matching.length > 0 && { matching }),
  }
}

/** A broker’s keys that need or exclude each other. */
function checkBroker(
  { given, at: where }: Spot<BrokerMap>,
  { scope, path }: ConnectionFacts,
): void {
  const { faults } = scope
  const has = (key: string) => given.has(key)
  const place = (key: string) => given.get(key) ?? where
  if (has('address') && has('matching')) {
    faults.add(place('matching'), `${path} has both address and matching in one entry; give one`)
  } else if (!has('address') && !has('matching')) {
    faults.add(where, `${path} has an entry without address`)
  }
  if (has('ssh-tunnel') && has('aws-privatelink')) {
    faults.add(
      place('aws-privatelink'),
      `${path} has both ssh-tunnel and aws-privatelink in one entry; a broker is reached by one`,
    )
  }
  if (has('matching') && !has('aws-privatelink')) {
    faults.add(place('matching'), `${path}.matching needs aws-privatelink beside it`)
  }
  for (const key of ['availability-zone', 'port']) {
    if (has(key) && !has('aws-privatelink')) {
      faults.add(place(key), `${path}.${key} has no use without aws-privatelink beside it`)
    }
  }
}

function brokerRoute(value: BrokerMap, facts: ConnectionFacts): Route | undefined {
  const tunnel = connectionNamed(at(facts, 'ssh-tunnel'), value['ssh-tunnel'])
  if (tunnel) return { through: 'ssh-tunnel', connection: tunnel }
  const link = connectionNamed(at(facts, 'aws-privatelink'), value['aws-privatelink'])
  if (!link) return undefined
  const zone = value['availability-zone']?.value
  const port = value.port?.value
  return {
    through: 'aws-privatelink',
    connection: link,
    ...(zone !== undefined && { availabilityZone: zone }),
    ...(port !== undefined && { port }),
  }
}

function withPort(spot: Spot<string>, preset: Preset, { scope, path }: ConnectionFacts): string {
  if (spot.value.includes(':')) return spot.value
  if (preset.port === undefined) {
    scope.faults.add(
      spot.at,
      `${path} ${scope.faults.show(spot.value)} has no port, and each service of ${preset.title} has its own; allowed: host:port`,
    )
  }
  return `${spot.value}:${String(preset.port ?? 0)}`
}
