import { hintFor, type Reason } from './failure.ts'
import { SASL_MECHANISMS } from './model-connection.ts'
import { bare, type RunnerView, type SideFailure, type Sides } from './sides.ts'
import { stallReason } from './stall-words.ts'
import type { Finding } from './verdicts.ts'

/** What both sides together tell. */
export interface Diagnosis {
  reason: Reason
  because: string
  hint: string
}

const UNREACHED: ReadonlySet<Reason> = new Set([
  'kafka-unreachable',
  'kafka-host-unknown',
  'connection-refused',
])
/** What has nothing to do with the way to Kafka. */
const OF_ITSELF: ReadonlySet<Reason> = new Set([
  'rows-undecodable',
  'upstream-broken',
  'cluster-without-replicas',
  'lag-too-large',
  'silent-too-long',
  'replica-stalled',
  'rows-missing',
])
/** By which Materialize can log in. */
const KNOWN_MECHANISMS: ReadonlySet<string> = new Set<string>(SASL_MECHANISMS)
/** Reasons that say nothing but that something is wrong. */
const VAGUE: ReadonlySet<Reason> = new Set([
  'source-stalled',
  'sink-stalled',
  'source-stuck',
  'sink-stuck',
  'not-seen',
])

/** What both sides know together, and what one of them does not say. */
class Case {
  readonly finding: Finding
  readonly sides: Sides
  readonly runner: RunnerView | undefined
  readonly runnerFailure: SideFailure | undefined
  readonly refusal: SideFailure | undefined
  readonly isValid: boolean
  readonly words: string

  constructor(finding: Finding, sides: Sides) {
    this.finding = finding
    this.sides = sides
    const { validation, words } = sides.materialize
    // A look at other brokers says nothing of these.
    this.runner = sides.runner?.isSame ? sides.runner : undefined
    this.runnerFailure = this.runner?.failure
    this.isValid = validation === 'ok'
    this.refusal = typeof validation === 'object' && 'reason' in validation ? validation : undefined
    this.words = words.join('; ')
  }

  get runnerIsIn(): boolean {
    return this.runner !== undefined && this.runnerFailure === undefined
  }

  says(reason: Reason): boolean {
    return this.refusal?.reason === reason || (!this.isValid && this.finding.reason === reason)
  }

  /** As far as Materialize itself got. */
  get isUnreached(): boolean {
    const { reason } = this.finding
    return (
      (this.refusal !== undefined && UNREACHED.has(this.refusal.reason)) ||
      (!this.isValid && reason !== undefined && UNREACHED.has(reason))
    )
  }
}

type Rule = (of: Case) => Partial<Diagnosis> | undefined

/** In this order; the first that knows something decides. */
const RULES: Rule[] = [
  ({ sides }) =>
    sides.materialize.brokers.some((broker) => /\.upstash\.io(:|$)/i.test(broker))
      ? {
          reason: 'kafka-provider-gone',
          because: `its brokers are Upstash’s (${sides.materialize.brokers.join(', ')}), whose Kafka was closed on 11 March 2025`,
        }
      : undefined,
  login,
  mechanism,
  tls,
  unreached,
  heldSettings,
  topic,
  words,
  rights,
]

/** What is behind something that is not well, by what both sides saw; undefined: neither knows more. */
export function diagnose(finding: Finding, sides: Sides): Diagnosis | undefined {
  if (finding.reason !== undefined && OF_ITSELF.has(finding.reason)) return undefined
  const found = new Case(finding, sides)
  for (const rule of RULES) {
    const told = rule(found)
    if (!told) continue
    const reason = told.reason ?? finding.reason ?? 'not-seen'
    return {
      reason,
      because: told.because ?? finding.because,
      hint: told.hint ?? finding.hint ?? hintFor(reason),
    }
  }
  return undefined
}

function login(of: Case): Partial<Diagnosis> | undefined {
  const { runnerFailure, sides, isValid, words } = of
  if (isValid && /sasl authentication|invalid username or password/i.test(words)) {
    return heldSecret('the running one is refused the login')
  }
  if (!of.says('kafka-login')) return undefined
  if (/authentication required/i.test(of.refusal?.message ?? words)) {
    return {
      reason: 'kafka-login',
      because: 'Kafka asks for a login on that port, and the connection gives none',
      hint: 'Give the connection SASL MECHANISMS, SASL USERNAME and SASL PASSWORD (ALTER CONNECTION …), or the port that takes no login.',
    }
  }
  const { version, mechanism: name = '' } = sides.materialize
  if (of.runnerIsIn && of.runner?.isSameUser) {
    if (name.startsWith('SCRAM') && isOld(version)) {
      return {
        reason: 'librdkafka-old',
        because: `Kafka refuses the login of Materialize ${version} by ${name}, and takes the same user’s from this runner`,
      }
    }
    return {
      reason: 'kafka-login',
      because:
        'Kafka refuses the login with Materialize’s secrets, and takes the same user’s from this runner: their passwords differ',
      hint: 'Set the connection’s secret to the password that works (ALTER SECRET …), or run mode provision, which does so.',
    }
  }
  const both = runnerFailure?.reason === 'kafka-login'
  return {
    reason: 'kafka-login',
    because: both
      ? 'Kafka refuses the login of Materialize and of this runner alike: user or password are wrong, or the user is gone'
      : 'Kafka refuses the login with Materialize’s secrets',
    hint: 'Set user and password right in Kafka, and in the connection’s secrets (ALTER SECRET …).',
  }
}

function mechanism(of: Case): Partial<Diagnosis> | undefined {
  const { runnerFailure, refusal, sides } = of
  const name = sides.materialize.mechanism
  const isUnknown = refusal && name !== undefined && !KNOWN_MECHANISMS.has(name)
  const isMechanism =
    isUnknown ||
    of.says('kafka-mechanism') ||
    (refusal && runnerFailure?.reason === 'kafka-mechanism')
  if (!isMechanism) return undefined
  const seen = runnerFailure?.reason === 'kafka-mechanism' ? `: ${bare(runnerFailure.message)}` : ''
  return {
    reason: 'kafka-mechanism',
    because: isUnknown
      ? `Materialize cannot log in by the connection’s SASL mechanism ${name}`
      : `Kafka does not take the connection’s SASL mechanism${name === undefined ? '' : ` ${name}`}${seen}`,
    hint: 'Alter the connection: ALTER CONNECTION … SET (SASL MECHANISMS = …), to one that the brokers offer.',
  }
}

function tls(of: Case): Partial<Diagnosis> | undefined {
  const { runnerFailure, runnerIsIn } = of
  const seen = runnerFailure ? `; this runner: ${bare(runnerFailure.message)}` : ''
  const failed = (reason: Reason): boolean =>
    of.says(reason) || (of.refusal !== undefined && runnerFailure?.reason === reason)
  if (failed('kafka-tls')) {
    return {
      reason: 'kafka-tls',
      because: runnerIsIn
        ? 'Materialize does not trust the brokers’ certificate by the connection’s certificate authority, and this runner trusts it by its own'
        : `Materialize does not trust the brokers’ certificate${seen}`,
      hint: 'Set the connection’s SSL CERTIFICATE AUTHORITY to the one that signed the brokers’ certificates (ALTER SECRET or ALTER CONNECTION).',
    }
  }
  if (failed('kafka-tls-mismatch')) {
    return {
      reason: 'kafka-tls-mismatch',
      because: `TLS is asked for where the port speaks plain text, or the reverse${seen}`,
      hint: 'Set the connection’s SECURITY PROTOCOL, or its port, to what the listener speaks.',
    }
  }
  return undefined
}

function unreached(of: Case): Partial<Diagnosis> | undefined {
  const { refusal, runnerFailure, sides, finding } = of
  if (!of.isUnreached) return undefined
  const where = sides.materialize.brokers.join(', ')
  const own = refusal?.message ?? finding.because
  if (of.runnerIsIn) {
    return {
      reason: 'materialize-cannot-reach-kafka',
      because: `this runner reaches ${where}, and Materialize does not: ${bare(own)}`,
    }
  }
  if (runnerFailure) {
    return {
      reason: runnerFailure.reason,
      because: `neither side gets through to ${where}. Materialize: ${bare(own)}. This runner: ${bare(runnerFailure.message)}`,
      hint: 'Correct the connection’s brokers (ALTER CONNECTION … SET (BROKER …)), or bring up what should answer there.',
    }
  }
  const reason = refusal?.reason === 'kafka-host-unknown' ? refusal.reason : 'kafka-unreachable'
  return {
    reason,
    because: `Materialize does not get through to ${where}: ${bare(own)}; this runner did not look there`,
    hint: 'Check the connection’s brokers, firewalls and allow-lists; with kafka-brokers and the login given, this runner looks there itself.',
  }
}

/** The connection works when it is tried anew, and what runs with it does not. */
function heldSettings(of: Case): Partial<Diagnosis> | undefined {
  const { isValid, words, runnerFailure, finding } = of
  if (!isValid || !/transport ?failure|timed ?out|all brokers down/i.test(words)) return undefined
  if (runnerFailure && UNREACHED.has(runnerFailure.reason)) {
    return {
      reason: runnerFailure.reason,
      because: `${finding.because}. This runner: ${bare(runnerFailure.message)}`,
    }
  }
  if (/meta ?data fetch/i.test(words)) return heldSecret('the running one does not get through')
  return {
    reason: 'materialize-cannot-reach-kafka',
    because: `the connection’s brokers answer Materialize, and those to which they send their clients on do not: ${bare(words)}`,
  }
}

function heldSecret(what: string): Partial<Diagnosis> {
  return {
    reason: 'secret-not-taken-up',
    because: `its connection works when it is tried now, and ${what}: it seems to hold a secret’s former value`,
  }
}

function topic({ finding, runner, sides }: Case): Partial<Diagnosis> | undefined {
  const seen = runner?.topic
  if (!seen || seen.failure) return undefined
  const { reason } = finding
  if (reason === 'topic-deleted') {
    return {
      because: seen.exists
        ? `its topic was deleted; there is a topic ${seen.name} again, which it does not take up`
        : `its topic ${seen.name} was deleted, and this runner does not see one either`,
      ...(seen.exists && { hint: hintFor('topic-recreated') }),
    }
  }
  const partitions = runner.progressTopic?.partitions ?? 1
  if (
    sides.kind === 'sink' &&
    partitions > 1 &&
    (isVague(reason) || reason === 'progress-topic-partitions')
  ) {
    return {
      reason: 'progress-topic-partitions',
      because: `the topic ${runner.progressTopic?.name ?? ''} in which sinks keep their progress has ${String(partitions)} partitions, and may have one only`,
    }
  }
  if (!seen.exists && sides.kind === 'source' && isVague(reason)) {
    return { reason: 'topic-unknown', because: `Kafka has no topic ${seen.name}` }
  }
  return undefined
}

/** It runs by its status, and has said a while ago why it does not. */
function words({ finding, sides }: Case): Partial<Diagnosis> | undefined {
  const last = sides.materialize.words.at(-1)
  if (last === undefined || !isVague(finding.reason)) return undefined
  const reason = stallReason(sides.kind, last)
  return isVague(reason)
    ? undefined
    : { reason, because: `${finding.because}; Materialize said: ${bare(last)}` }
}

const SOURCE_NEEDS: [string, 'topic' | 'group', Reason][] = [
  ['READ', 'topic', 'kafka-read-right'],
  ['READ', 'group', 'kafka-group-right'],
]

/** What the broker tells the runner of the same user’s rights, where Materialize does not say. */
function rights({ finding, runner, sides }: Case): Partial<Diagnosis> | undefined {
  if (!runner?.isSameUser || !isVague(finding.reason)) return undefined
  const lacks = (may: string[] | undefined, right: string): boolean =>
    may !== undefined && !may.includes(right)
  const told = (reason: Reason, what: string): Partial<Diagnosis> => ({
    reason,
    because: `the user of this runner, who is the connection’s, lacks ${what}`,
  })
  if (runner.topic?.failure?.reason === 'kafka-authorization') {
    const reason = sides.kind === 'source' ? 'kafka-read-right' : 'kafka-write-right'
    return told(reason, `Describe on topic ${runner.topic.name}`)
  }
  if (sides.kind === 'sink') {
    if (lacks(runner.topic?.exists ? runner.topic.may : undefined, 'WRITE')) {
      return told('kafka-write-right', `Write on topic ${runner.topic?.name ?? ''}`)
    }
    return undefined
  }
  for (const [right, of, reason] of SOURCE_NEEDS) {
    const may = of === 'topic' ? runner.topic?.may : runner.group
    if (lacks(may, right)) {
      return told(
        reason,
        `Read on ${of === 'topic' ? `topic ${runner.topic?.name ?? ''}` : 'the consumer group'}`,
      )
    }
  }
  return undefined
}

function isVague(reason: Reason | undefined): boolean {
  return reason === undefined || VAGUE.has(reason)
}

/** SCRAM with Kafka 4 came with v0.164, after which v26 followed. */
function isOld(version: string): boolean {
  const match = /^v0\.(\d+)\./.exec(version)
  return match !== null && Number(match[1]) < 164
}

/** What a look at Kafka shows of something that Materialize takes for well: it goes on for now only. */
export function overlooked(sides: Sides): Diagnosis | undefined {
  const { runner, kind, materialize } = sides
  const seen = runner?.topic
  if (!runner?.isSame || !seen || seen.failure) return undefined
  const refused = materialize.words.find((one) => /authorization/i.test(one))
  if (kind === 'source' && refused !== undefined && runner.isSameUser && seen.exists) {
    // Nothing new came since it was refused, or it would stand still.
    if (!seen.may || seen.may.includes('READ')) return undefined
    return {
      reason: 'kafka-read-right',
      because: `it will read nothing new: Materialize said ${bare(refused)}, and the broker tells this runner, of the same user, that it may not read topic ${seen.name}`,
      hint: hintFor('kafka-read-right'),
    }
  }
  if (seen.exists) return undefined
  return {
    reason: 'topic-deleted',
    because: `Kafka has no topic ${seen.name}, which Materialize has not noticed yet`,
    hint:
      kind === 'source'
        ? hintFor('topic-deleted')
        : 'Make the topic again, or have the sink start anew, which makes it.',
  }
}
