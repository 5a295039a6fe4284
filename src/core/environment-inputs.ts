import { expiry } from './duration.ts'
import type { Given } from './given.ts'
import type { InputName } from './input-table.ts'
import { LIFETIMES, type Mode } from './model.ts'
import { accept, choice, parseBoolean, type Parsed, refuse } from './parse.ts'
import { byteLength, MAX_NAME_BYTES } from './names.ts'

/** What the inputs say of an environment. */
export interface EnvironmentAsked {
  /** Absent: one of this job alone, which is removed after it. */
  name?: string
  /** Milliseconds from now on; absent: it stays until it is torn down. */
  expiresInMs?: number
}

const MODES_WITH: readonly Mode[] = ['provision', 'plan', 'verify', 'teardown']

/** A runner that is killed removes nothing: a sweep finds what it leaves once this has passed. */
const JOB_EXPIRES_MS = 24 * 3_600_000

/** @param of named: mode verify is to check what is there by its names. */
export function readEnvironment(
  given: Given,
  of: { mode: Mode; named: boolean },
): EnvironmentAsked | undefined {
  const name = given.take('environment', parseEnvironment)
  const expiresInMs = given.take('expires-in', expiry({ from: 60_000, to: 365 * 24 * 3_600_000 }))
  const refuseTogether = (other: InputName, why: string): void => {
    if (given.has('environment') && !given.isRefused(other)) {
      given.refuse(['environment', other], `environment ${why}`)
    }
  }
  const ofJob = given.take('lifetime', choice(LIFETIMES)) !== undefined
  if (ofJob) refuseBesideJob(given, of.mode)
  if (expiresInMs !== undefined && !given.has('environment') && !given.has('lifetime')) {
    given.refuse(['expires-in', 'environment'], 'expires-in needs an environment that is to expire')
  }
  if (!MODES_WITH.includes(of.mode)) refuseTogether('mode', `does not go with mode ${of.mode}`)
  if (of.named) {
    refuseTogether(
      'mode',
      'needs spec or the inputs of one pipeline; names of what is there, as mode verify takes them, stay as they are',
    )
  }
  if (ofJob) return { expiresInMs: expiresInMs ?? JOB_EXPIRES_MS }
  return name === undefined
    ? undefined
    : { name, ...(expiresInMs !== undefined && { expiresInMs }) }
}

function refuseBesideJob(given: Given, mode: Mode): void {
  if (given.has('environment')) {
    given.refuse(
      ['lifetime', 'environment'],
      'lifetime job names its environment itself, so that no other job has it and loses it; leave environment out',
    )
  }
  if (mode !== 'provision' && !given.isRefused('mode')) {
    given.refuse(
      ['lifetime', 'mode'],
      `lifetime job does not go with mode ${mode}: it is of what mode provision makes`,
    )
  }
}

/** Whether mode sweep is only to list; anywhere else the word would promise what is not kept. */
export function readDryRun(given: Given, mode: Mode): true | undefined {
  const dryRun = given.take('dry-run', parseBoolean) ?? false
  if (dryRun && mode !== 'sweep' && !given.isRefused('mode')) {
    given.refuse(
      ['dry-run', 'mode'],
      'dry-run is of mode sweep; mode plan says what provision would do',
    )
  }
  return dryRun || undefined
}

/** Any text: what names cannot hold of it is not in them. */
function parseEnvironment(text: string): Parsed<string> {
  const allowed = `1 to ${String(MAX_NAME_BYTES)} bytes of UTF-8`
  const bytes = byteLength(text)
  return bytes > MAX_NAME_BYTES
    ? refuse(`has ${String(bytes)} bytes`, { allowed, piece: text })
    : accept(text)
}
