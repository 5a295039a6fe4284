import { Failure } from './failure.ts'
import type { Given } from './given.ts'
import type { InputName } from './input-table.ts'
import { SASL_MECHANISMS, unseen } from './model-connection.ts'
import { GRANTS_WORDS, type GrantsInputs } from './model-grants.ts'
import type { Inputs, Mode } from './model.ts'
import { choice, looseChoice, parseLine, parseText } from './parse.ts'

const LOGIN = ['kafka-admin-username', 'kafka-admin-password'] as const

/** What is to be done about rights in Kafka, in the modes in which that means something; undefined: nothing. */
export function readGrants(given: Given, mode: Mode): GrantsInputs | undefined {
  const what = given.take('grants', choice(GRANTS_WORDS)) ?? 'none'
  const username = given.take('kafka-admin-username', parseLine)
  const password = given.take('kafka-admin-password', parseText)
  const mechanism = given.take('kafka-admin-mechanism', looseChoice(SASL_MECHANISMS))
  const admin: InputName[] = [...LOGIN, 'kafka-admin-mechanism']
  const present = admin.filter((name) => given.has(name))
  const lacking = LOGIN.filter((name) => !given.has(name))
  // What was refused says nothing about the rest.
  if (![...admin, 'grants' as const, 'mode' as const].some((name) => given.isRefused(name))) {
    if (what === 'ensure' && mode === 'verify') {
      given.refuse(
        ['grants', 'mode'],
        'grants is ensure, and mode verify changes nothing; allowed: check',
      )
    }
    if (what !== 'none' && mode === 'rotate') {
      given.refuse(
        ['grants', 'mode'],
        'grants has no use with mode rotate, which makes nothing that needs rights; run mode provision or plan for it',
      )
    }
    if (what === 'check' && mode === 'teardown') {
      given.refuse(
        ['grants', 'mode'],
        'grants is check, and mode teardown needs no rights that could be checked; allowed: ensure, which removes what it added',
      )
    }
    const isUseless = what === 'none' && mode !== 'teardown'
    if (isUseless && present.length > 0) {
      given.refuse(
        [...present, 'grants'],
        `${present.join(' and ')} ${present.length === 1 ? 'has' : 'have'} no use while grants is none`,
      )
    }
    if (what !== 'none' && given.take('kafka-check', (text) => ({ value: text })) === 'never') {
      given.refuse(
        ['grants', 'kafka-check'],
        `grants is ${what}, and kafka-check is never; rights are seen by looking at Kafka`,
      )
    }
    if (lacking.length > 0 && !isUseless && (what === 'ensure' || present.length > 0)) {
      const why = what === 'ensure' ? 'grants is ensure' : `${present.join(' and ')} is given`
      given.refuse(
        [...(what === 'ensure' ? ['grants' as const] : []), ...lacking],
        `${why}, and ${lacking.join(' and ')} ${lacking.length === 1 ? 'is' : 'are'} missing; give the login of a user who may add rules (ACLs)`,
      )
    }
  }
  if (what === 'none' && present.length === 0) return undefined
  return {
    what,
    ...(username !== undefined &&
      password !== undefined && {
        admin: { username, password, ...(mechanism !== undefined && { mechanism }) },
      }),
  }
}

/** What only the whole of the inputs tells. Throws a Failure about it. */
export function refuseGrants({ grants, names, spec }: Inputs): void {
  if (!grants) return
  const refuse = (inputs: InputName[], message: string, hint?: string): never => {
    throw new Failure({
      reason: 'input-invalid',
      message,
      inputs,
      ...(hint !== undefined && { hint }),
    })
  }
  if (names) {
    refuse(
      ['grants'],
      'grants needs the spec or the inputs of one pipeline, which say what rights are needed; names alone do not.',
    )
  }
  const seen = spec.connections.filter(({ kafka }) => kafka && unseen(kafka) === undefined)
  if (seen.length === 0) {
    refuse(
      ['grants'],
      `grants is ${grants.what}, and there is no connection whose Kafka this runner could look at: its brokers are not given, or only Materialize has the way.`,
    )
  }
  if (!grants.admin) return
  // An administrator’s password is not to be tried on a Kafka that it is not for.
  const clusters = new Set(seen.map(({ kafka }) => [...(kafka?.brokers ?? [])].sort().join(',')))
  if (clusters.size > 1) {
    refuse(
      ['kafka-admin-username'],
      `kafka-admin-username is a user of one Kafka, and the connections lead to ${String(clusters.size)}: ${seen.map(({ name }) => name.name).join(', ')}.`,
      'Put what belongs to each Kafka into a spec of its own.',
    )
  }
  for (const { name, kafka } of seen) {
    if (kafka?.sasl) continue
    refuse(
      ['kafka-admin-username'],
      `kafka-admin-username is a login, and the connection ${JSON.stringify(name.name)} has a protocol without one (${kafka?.protocol ?? ''}).`,
    )
  }
  if (grants.what !== 'ensure') return
  for (const { kafka } of seen) {
    const why = NO_RULES[kafka?.provider ?? '']
    if (why !== undefined) refuse(['grants'], `grants is ensure, and ${why}`)
  }
}

/** Providers where the rules of Kafka’s own protocol are not what says who may do what. */
const NO_RULES: Readonly<Record<string, string>> = {
  upstash: 'Upstash offers no rules (ACLs) by Kafka’s protocol.',
  'confluent-cloud':
    'rules (ACLs) of Confluent Cloud are for the service account of an API key, which the key does not tell: add them in its console.',
}
