import { readFileSync, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { Failure } from './core/failure.ts'
import { type ParsedSpec, parseSpec, variablesIn } from './core/spec-parse.ts'
import { Given, VARIABLES, type Texts } from './core/given.ts'
import { INPUTS, type InputName } from './core/input-table.ts'
import { duration } from './core/duration.ts'
import { type EnvironmentAsked, readDryRun, readEnvironment } from './core/environment-inputs.ts'
import { readGrants, refuseGrants } from './core/grants-inputs.ts'
import { checkReach, readKafka, readProvider } from './core/kafka-inputs.ts'
import { readMaterialize } from './core/materialize-inputs.ts'
import {
  type Allowed,
  KAFKA_CHECKS,
  MODES,
  PLAN_CHECKS,
  SHOW_ROWS,
  type Inputs,
  specOf,
} from './core/model.ts'
import { readCanary, readProduce } from './core/canary-inputs.ts'
import { MOST_PRODUCED } from './core/produce-records.ts'
import { parseIdentifier, type Surroundings as Place } from './core/names.ts'
import { choice, integer, parseBoolean, parseList } from './core/parse.ts'
import { refuseUnseen } from './core/kafka-check.ts'
import { kafkaAlone, readLogin, readPipeline } from './core/pipeline-inputs.ts'
import { readTelling, readToken, type Telling } from './core/telling.ts'
import { readChecks, readNames } from './core/verify-inputs.ts'
import { parsePostgresUrl, passwordsIn } from './core/postgres-url.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface ReadInputs {
  inputs: Inputs
  /** The spec is to be put under names of an environment’s own. */
  environment?: EnvironmentAsked & Pick<Place, 'database'>
  /** For GitHub’s API. */
  token?: string
  /** What GitHub is to be told beside the run’s result. */
  telling?: Telling
  /** Where values came from, for the log. No secret is in them. */
  notes: string[]
  /** What works and should not be left so. */
  warnings: string[]
}

/**
 * Reads and checks every input; nothing else reads them. Throws one Failure (`input-invalid`) that
 * says all that is wrong at once and names every input concerned.
 */
export function readInputs(env: Environment): ReadInputs {
  const given = new Given(textsOf(env))
  const mode = given.take('mode', choice(MODES)) ?? 'provision'
  const materialize = readMaterialize(given)
  const cluster = given.take('cluster', parseIdentifier)
  const schema = given.take('schema', parseIdentifier) ?? 'public'
  const kafkaCheck = given.take('kafka-check', choice(KAFKA_CHECKS)) ?? 'auto'
  const named = specSource(env)
  const source = named && 'text' in named ? named : undefined
  if (named && 'why' in named) refuseUnreadable(given, named)
  const within = { database: materialize.database, schema }
  const names = readNames(given, mode, within)
  const bare = names && { names, kafka: readKafka(given, readProvider(given)) }
  const pipeline =
    source || bare ? undefined : readOnePipeline(given, { mode, materialize, schema, cluster })
  if (pipeline) {
    checkReach(given, { check: kafkaCheck, createTopic: pipeline.spec.topics.length > 0 })
  } else if (source) {
    refuseBesideSpec(given)
  }
  const produce = readProduce(given, { mode, text: recordsText(env, given) })
  const showRows = given.take('show-rows', choice(SHOW_ROWS))
  const grants = readGrants(given, mode)
  const dryRun = readDryRun(given, mode)
  const environment = readEnvironment(given, { mode, named: names !== undefined })
  const token = readToken(given)
  const telling = readTelling(given, { mode, token })
  const rest = {
    ...(dryRun && { dryRun }),
    allowed: readAllowed(given),
    ...(grants && { grants }),
    checks: readChecks(given),
    canary: readCanary(given, { mode, named: names !== undefined }),
    ...(produce && { produce }),
    ...(bare && { names: { ...bare.names, ...(bare.kafka && { kafka: bare.kafka }) } }),
    failOnChanges: given.take('fail-on-changes', parseBoolean) ?? false,
    planCheck: given.take('plan-check', choice(PLAN_CHECKS)) ?? ('none' as const),
    maxParallel: given.take('max-parallel', integer({ from: 1, to: 16 })) ?? 1,
    restartReplicas: given.take('restart-replicas', parseBoolean) ?? false,
    deleteTopics: given.take('delete-topics', parseBoolean) ?? false,
    sampleRows: given.take('sample-rows', integer({ from: 0, to: 1000 })) ?? 0,
    minRows: given.take('min-rows', integer({ from: 0, to: 1_000_000 })) ?? 0,
    timeoutMs: given.take('timeout', duration({ from: 1000, to: 6 * 3_600_000 })) ?? 0,
  }
  given.settle()
  const parsed =
    source && readSpec(source, { env, database: materialize.database, schema, cluster })
  const inputs: Inputs = {
    mode,
    materialize,
    ...(cluster !== undefined && { cluster }),
    schema: parsed?.schema ?? schema,
    kafkaCheck,
    ...(source?.path === undefined ? {} : { specFile: source.path }),
    ...(pipeline?.provider !== undefined && { provider: pipeline.provider }),
    spec: parsed?.spec ?? pipeline?.spec ?? specOf({}),
    ...(showRows !== undefined && { showRows }),
    ...rest,
  }
  refuseUnseen(inputs)
  refuseGrants(inputs)
  if (inputs.allowed.prune && inputs.specFile === undefined) {
    throw new Failure({
      reason: 'input-invalid',
      message: 'prune needs spec to be a file: its path tells what it held from what others made.',
      inputs: ['prune', 'spec'],
    })
  }
  const warnings = [...given.warnings, ...(parsed?.warnings ?? [])]
  const notes = [...given.notes, ...(parsed?.notes ?? [])]
  const database = parsed?.database ?? materialize.database
  return {
    inputs,
    ...(environment && { environment: { ...environment, database } }),
    ...(token !== undefined && { token }),
    ...(telling && { telling }),
    notes,
    warnings,
  }
}

interface Surroundings {
  mode: Inputs['mode']
  materialize: Inputs['materialize']
  schema: string
  cluster: string | undefined
}

function readOnePipeline(given: Given, of: Surroundings) {
  const provider = readProvider(given)
  const kafka = readKafka(given, provider)
  const within = { database: of.materialize.database, schema: of.schema }
  const facts = { within, kafka, cluster: of.cluster }
  // The inputs of the pipeline may stand beside, as the step that made it has them.
  if (of.mode === 'sweep') return { provider, spec: kafkaAlone(facts) }
  const isLogin = of.mode === 'rotate' && !given.has('source') && !given.has('sink')
  return { provider, spec: isLogin ? readLogin(given, facts) : readPipeline(given, facts) }
}

/** Inputs that say what a spec says must not say something else beside it. */
function refuseBesideSpec(given: Given): void {
  for (const { name, group } of INPUTS) {
    const isFlat = group === 'pipeline' || (group === 'kafka' && name !== 'kafka-check')
    if (isFlat && given.isChosen(name)) {
      given.refuse([name, 'spec'], `${name} and spec are both given; put it into the spec`)
    }
  }
}

function readAllowed(given: Given): Allowed {
  return {
    adopt: given.take('adopt', parseBoolean) ?? false,
    prune: given.take('prune', parseBoolean) ?? false,
    dropDependents: given.take('drop-dependents', parseBoolean) ?? false,
    replace: given.take('allow-replace', parseList) ?? [],
  }
}

interface SpecSource {
  /** What messages call it. */
  file: string
  /** From the root of the checkout; undefined for a text. */
  path?: string
  text: string
}

interface Unreadable {
  path: string
  /** As the system says it. */
  why: string
}

/** The records of the input produce: a path unless it reads like JSON lines. */
function recordsText(env: Environment, given: Given): string | undefined {
  const text = rawInput(env, 'produce')?.trim()
  if (text === undefined || /[\n:{]/.test(text)) return text
  try {
    const { size } = statSync(inCheckout(env, text))
    if (size <= MOST_PRODUCED) return readText(env, text)
    given.refuse(
      ['produce'],
      `produce ${given.show(text)} has ${String(size)} bytes; allowed: 8 MiB`,
    )
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    given.refuse(
      ['produce'],
      `produce ${given.show(text)} cannot be read (${code ?? message}); allowed: JSON lines, or a path from the root of the checkout`,
    )
  }
  return undefined
}

/** The input spec, a path unless it reads like YAML, with the text that it leads to. */
function specSource(env: Environment): SpecSource | Unreadable | undefined {
  const given = rawInput(env, 'spec')?.trim()
  if (given === undefined) return undefined
  if (/[\n:{]/.test(given)) return { file: 'spec', text: given }
  try {
    return { file: given, path: given, text: readText(env, given) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { path: given, why: code ?? message }
  }
}

function refuseUnreadable(given: Given, { path, why }: Unreadable): void {
  given.refuse(
    ['spec'],
    `spec ${given.show(path)} cannot be read (${why}); allowed: YAML, or a path from the root of the checkout`,
  )
}

function readSpec(
  source: { file: string; text: string },
  of: { env: Environment; database: string; schema: string; cluster: string | undefined },
): ParsedSpec {
  const look = (reference: { env: string } | { file: string }): string | undefined => {
    if ('env' in reference) return notBlank(of.env[reference.env])
    try {
      return readText(of.env, reference.file)
    } catch {
      return undefined
    }
  }
  return parseSpec(source.text, {
    file: source.file,
    database: of.database,
    schema: of.schema,
    ...(of.cluster === undefined ? {} : { cluster: of.cluster }),
    secret: (reference) => {
      const value = look(reference)
      return value === undefined ? undefined : withoutLineBreak(value)
    },
    text: look,
  })
}

/** Paths count from the root of the checkout, and must not lead out of it. */
function readText(env: Environment, path: string): string {
  return readFileSync(inCheckout(env, path), 'utf8')
}

function inCheckout(env: Environment, path: string): string {
  const root = resolve(env['GITHUB_WORKSPACE'] || '.')
  const file = resolve(root, path)
  if (relative(root, file).startsWith('..')) throw new Error('outside the checkout')
  return file
}

/**
 * Every secret value there is, as it came and as it will be used, whatever else is wrong with the
 * inputs: for masking before the first byte is logged. Longer ones come first.
 */
export function secretsIn(env: Environment): string[] {
  const found = [env['MZ_PASSWORD'], ...specSecrets(env)]
  for (const row of INPUTS) {
    const raw = rawInput(env, row.name)
    if (raw === undefined) continue
    const passwords = /@|password=/i.test(raw) ? passwordsIn(raw.trim()) : []
    if (row.name === 'materialize-url') {
      // A URL without a password is no secret, and its parts may have to be shown.
      if (passwords.length > 0) found.push(raw, raw.trim(), ...passwords)
    } else if ('secret' in row) found.push(raw)
    // Whatever belongs elsewhere but was pasted here: a URL with its login, a private key.
    else if (raw.includes('://')) found.push(...passwords)
    else if (raw.includes('PRIVATE KEY')) found.push(raw)
  }
  const forms = found.flatMap((raw) => (raw === undefined ? [] : [raw, withoutLineBreak(raw)]))
  return [...new Set(forms)]
    .filter((secret) => secret.trim() !== '')
    .sort((a, b) => b.length - a.length)
}

/** The same without GitHub’s own token, which every run is given, also where there are no secrets. */
export function ownSecrets(env: Environment): string[] {
  const token = withoutLineBreak(rawInput(env, 'github-token') ?? '')
  return secretsIn(env).filter((secret) => withoutLineBreak(secret) !== token)
}

/** The values of the environment variables that the spec names, be the spec right or wrong. */
function specSecrets(env: Environment): (string | undefined)[] {
  try {
    const source = specSource(env)
    return variablesIn(source && 'text' in source ? source.text : '').map((name) => env[name])
  } catch {
    // What is wrong with the spec is said when it is read.
    return []
  }
}

/** A value that is no secret, and the input it came by. */
export interface PublicValue {
  input: InputName
  value: string
}

const OFTEN_KEPT_AS_SECRETS = [
  'materialize-host',
  'materialize-user',
  'materialize-database',
  'kafka-brokers',
  'kafka-username',
  'connection',
  'source',
  'topic',
  'sink',
  'sink-topic',
] as const

/**
 * Public values that people often keep as secrets: GitHub then blanks every output that holds one
 * of them, and the action cannot see that it does. Needs no valid inputs.
 */
export function publicValues(env: Environment): PublicValue[] {
  const secrets = new Set(secretsIn(env))
  const found: PublicValue[] = []
  const add = (input: InputName, value: string | undefined) => {
    if (value !== undefined && value !== '' && !secrets.has(value)) found.push({ input, value })
  }
  for (const input of OFTEN_KEPT_AS_SECRETS) {
    const value = rawInput(env, input)?.trim()
    add(input, value)
    if (input !== 'kafka-brokers') continue
    for (const broker of value?.split(/[\s,]+/) ?? []) {
      if (broker !== value) add(input, broker)
      if (/:\d+$/.test(broker)) add(input, broker.replace(/:\d+$/, ''))
    }
  }
  const url = parsePostgresUrl(rawInput(env, 'materialize-url')?.trim() ?? '')
  if ('value' in url) {
    add('materialize-url', url.value.host)
    add('materialize-url', url.value.user)
  }
  return found
}

/** Whether what is made is to go after the job; needs no valid inputs. */
export function asksForJob(env: Environment): boolean {
  return rawInput(env, 'lifetime') !== undefined
}

/** The inputs for secrets that are empty. On a pull request from a fork, that is why. */
export function emptySecretInputs(env: Environment): InputName[] {
  const lacks = (name: InputName): boolean =>
    name !== 'github-token' && rawInput(env, name) === undefined
  return INPUTS.filter((row) => 'secret' in row && lacks(row.name)).map((row) => row.name)
}

/** An input as the runner handed it over; undefined when blank. */
function rawInput(env: Environment, name: InputName): string | undefined {
  return notBlank(env[`INPUT_${name.toUpperCase()}`])
}

function notBlank(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text
}

/** The commonest slip with a secret is the line break that came with it from a file or terminal. */
function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '')
}

function textsOf(env: Environment): Texts {
  const inputs = new Map<InputName, string>()
  for (const row of INPUTS) {
    const raw = rawInput(env, row.name)
    if (raw !== undefined)
      inputs.set(row.name, isPassword(row.name) ? withoutLineBreak(raw) : raw.trim())
  }
  const variables: [(typeof VARIABLES)[number], string][] = []
  for (const name of VARIABLES) {
    const raw = notBlank(env[name])
    if (raw !== undefined)
      variables.push([name, name === 'MZ_PASSWORD' ? withoutLineBreak(raw) : raw.trim()])
  }
  return { inputs, variables: new Map(variables), secrets: secretsIn(env) }
}

function isPassword(name: InputName): boolean {
  return name.endsWith('-password')
}
