import type { AclRule } from '../kafka/acls.ts'
import type { ReachableKafka } from '../kafka/reachable.ts'
import type { UserName } from '../kafka/users.ts'
import { objectIn, type RunHere, runHere } from './run-here.ts'
import type { Services } from './services.ts'

/** Set-ups that are really made: by broker, rules, certificates, networks and statements. */

export interface SetUp {
  name: string
  /** Makes it, and gives the inputs by which it is looked at and the name of what is looked at. */
  make(): Promise<{ inputs: Record<string, string>; object: string }>
  verdict: string
  reason?: string
  /** What the sentence has to say. */
  because?: RegExp
  /** Where the runner saw Kafka, what its view has to say. */
  runner?: RegExp
}

export interface Outcome {
  setUp: SetUp
  run?: RunHere
  object?: NonNullable<ReturnType<typeof objectIn>>
  error?: unknown
}

export interface ConnectionOptions {
  kafka?: ReachableKafka
  broker?: string
  protocol?: string
  user?: UserName
  password?: string
  mechanism?: string
  ca?: string
  progressTopic?: string
}

export interface SourceOptions {
  format?: string
  records?: string[]
  /** Further options of the source. */
  with?: string
  cluster?: string
}

/** Makes what set-ups have in common, each thing under a name of its own. */
export class Bench {
  readonly services: Services

  constructor(services: Services) {
    this.services = services
  }

  get kafka(): ReachableKafka {
    return this.services.kafka
  }

  sql(...statements: string[]): Promise<Record<string, unknown>[]> {
    return this.services.sql(...statements)
  }

  /** The catalog’s id of an object. */
  async idOf(name: string): Promise<string> {
    const [row] = await this.sql(`SELECT id FROM mz_catalog.mz_objects WHERE name = '${name}'`)
    return String(row?.['id'])
  }

  /** A connection that Materialize does not try. */
  async connection(name: string, options: ConnectionOptions = {}): Promise<void> {
    const { user = 'full', protocol = 'SASL_SSL', mechanism = 'SCRAM-SHA-256' } = options
    const kafka = options.kafka ?? this.kafka
    const broker = options.broker ?? kafka.brokers[protocol as 'SASL_SSL']
    const login = kafka.users[user]
    const parts = [`BROKER '${broker}'`, `SECURITY PROTOCOL '${protocol}'`]
    if (protocol.startsWith('SASL')) {
      await this.sql(`CREATE SECRET ${name}_pw AS ${hex(options.password ?? login.password)}`)
      parts.push(
        `SASL MECHANISMS '${mechanism}'`,
        `SASL USERNAME '${login.username}'`,
        `SASL PASSWORD SECRET ${name}_pw`,
      )
    }
    if (protocol.endsWith('SSL')) {
      await this.sql(`CREATE SECRET ${name}_ca AS ${hex(options.ca ?? kafka.caPem)}`)
      parts.push(`SSL CERTIFICATE AUTHORITY SECRET ${name}_ca`)
    }
    if (options.progressTopic) parts.push(`PROGRESS TOPIC '${options.progressTopic}'`)
    await this.sql(
      `CREATE CONNECTION ${name} TO KAFKA (${parts.join(', ')}) WITH (VALIDATE = false)`,
    )
  }

  /** Has what runs with a connection start anew with what it is now, without trying it first. */
  async alter(name: string, ...changes: string[]): Promise<void> {
    await this.sql(`ALTER CONNECTION ${name} ${changes.join(', ')} WITH (VALIDATE = false)`)
  }

  async secret(name: string, value: string): Promise<void> {
    await this.sql(`ALTER SECRET ${name} AS ${hex(value)}`)
  }

  /** A topic with records, a connection and a source of one name, running and read to the end. */
  async source(name: string, options: ConnectionOptions & SourceOptions = {}): Promise<void> {
    const { format = 'FORMAT TEXT', records = ['one', 'two'] } = options
    const kafka = options.kafka ?? this.kafka
    await kafka.createTopic(name)
    if (records.length > 0) await kafka.produce(name, records)
    await this.connection(`${name}_c`, options)
    const more = options.with ? `, ${options.with}` : ''
    await this.sql(
      `CREATE SOURCE ${name}${options.cluster ? ` IN CLUSTER ${options.cluster}` : ''} FROM KAFKA CONNECTION ${name}_c (TOPIC '${name}'${more}) ${format}`,
    )
  }

  /** Until a source can be read, to the end of what was there. */
  async isRead(name: string): Promise<void> {
    await this.sql(`SELECT count(*) FROM ${name}`)
  }

  /** A table with a row, a connection and a sink of it, whose ids and topics begin with the name. */
  async sink(
    name: string,
    options: ConnectionOptions & { with?: string; cluster?: string } = {},
  ): Promise<void> {
    await this.connection(`${name}_c`, { progressTopic: `${name}-progress`, ...options })
    const more = options.with ? `, ${options.with}` : ''
    await this.sql(
      `CREATE TABLE ${name}_t (a int)`,
      `INSERT INTO ${name}_t VALUES (1)`,
      `CREATE SINK ${name}${options.cluster ? ` IN CLUSTER ${options.cluster}` : ''} FROM ${name}_t INTO KAFKA CONNECTION ${name}_c (TOPIC '${name}-out', TRANSACTIONAL ID PREFIX '${name}-', PROGRESS GROUP ID PREFIX '${name}-'${more}) FORMAT JSON ENVELOPE DEBEZIUM`,
    )
  }

  /** Inputs that name what is looked at, and how the runner gets at its Kafka. */
  inputs(
    names: Record<string, string>,
    options: ConnectionOptions & { blind?: boolean } = {},
  ): Record<string, string> {
    const kafka = options.kafka ?? this.kafka
    const protocol = options.protocol ?? 'SASL_SSL'
    const login = kafka.users[options.user ?? 'full']
    return {
      'materialize-url': this.services.inputs()['materialize-url'] ?? '',
      mode: 'verify',
      timeout: '90s',
      'fail-on': 'failed',
      ...names,
      ...(!options.blind && {
        'kafka-brokers': options.broker ?? kafka.brokers[protocol as 'SASL_SSL'],
        'kafka-security-protocol': protocol,
        ...(protocol.startsWith('SASL') && {
          'kafka-sasl-mechanism': options.mechanism ?? 'SCRAM-SHA-256',
          'kafka-username': login.username,
          'kafka-password': options.password ?? login.password,
        }),
        ...(protocol.endsWith('SSL') && { 'kafka-ca': options.ca ?? kafka.caPem }),
      }),
    }
  }

  /** Rules for the user who has none, about names that begin with the set-up’s. */
  async allow(
    name: string,
    rules: [AclRule['resource'], AclRule['operations']][],
    also: AclRule[] = [],
  ): Promise<void> {
    await this.kafka.setAcls([...this.rules(name, rules), ...also])
  }

  rules(name: string, rules: [AclRule['resource'], AclRule['operations']][]): AclRule[] {
    return rules.map(([resource, operations]) => ({
      ...{ user: 'none', resource, name, operations, pattern: 'prefixed' as const },
    }))
  }
}

export function hex(value: string): string {
  return `'\\x${Buffer.from(value).toString('hex')}'`
}

/** Polls until something is so. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not within 30 s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Makes each set-up after the other, then looks at several side by side. */
export async function lookAtAll(setUps: SetUp[], sideBySide = 4): Promise<Outcome[]> {
  const made: (Outcome & { inputs?: Record<string, string>; label?: string })[] = []
  for (const setUp of setUps) {
    try {
      const { inputs, object } = await setUp.make()
      made.push({ setUp, inputs, label: object })
    } catch (error) {
      made.push({ setUp, error })
    }
  }
  const waiting = [...made]
  const lane = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      if (!one.inputs) continue
      one.run = await runHere(one.inputs)
      const object = objectIn(one.run.report, one.label ?? '')
      if (object) one.object = object
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, lane))
  return made
}

/** The outcomes as a table for people. */
export function tableOf(outcomes: Outcome[]): string {
  const line = ({ setUp, object, run, error }: Outcome): string =>
    [
      setUp.name,
      object?.verdict ?? String(error ?? run?.report.failure?.message ?? 'nothing'),
      object?.reason ?? '',
      `${((run?.milliseconds ?? 0) / 1000).toFixed(1)} s`,
      object?.because ?? '',
      `hint: ${object?.hint ?? run?.report.failure?.hint ?? ''}`,
      `runner: ${object?.views?.runner ?? ''}`,
      `materialize: ${object?.views?.materialize ?? ''}`,
    ].join(' | ')
  return outcomes.map(line).join('\n')
}
