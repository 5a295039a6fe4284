import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@actions/core'
import { Failure } from '../core/failure.ts'
import { oneLine, redactor, secretForms } from '../core/redact.ts'
import type { Log } from '../ports.ts'

/** The runner: its log, masks, outputs, summary and annotations. */
export interface Runner extends Log {
  /** Hides a secret, in every form it could come back in, from here on. */
  mask(secrets: readonly string[]): void
  /** Text without the secrets masked so far. */
  redact(text: string): string
  /** False if there is no place for them. */
  setOutputs(values: Record<string, string>): boolean
  /** Keeps a text for the step’s post, where `state` gives it. Throws a Failure if nothing keeps it. */
  saveState(name: string, text: string): void
  /** What the step has kept; undefined if it has kept nothing. */
  state(name: string): string | undefined
  writeSummary(markdown: string): void
  /** Writes a file of this run and gives its path. Throws if there is no place for it. */
  writeFile(name: string, text: string): string
  /** The one error annotation of a run. */
  error(title: string, text: string): void
  endGroup(): void
  /** Facts of the workflow run that this step is part of. */
  readonly context: RunContext
}

export interface RunContext {
  /** `owner/name`. */
  repository: string
  runId: string
  /** Counts from 1, and by one each time that the run is started again. */
  runAttempt: string
  /** Of the REST API. */
  apiUrl: string
  /** Where people see the repository, and the run. */
  url: string
  runUrl: string
  /** The workflow’s file with its repository, and the job; all legs of a matrix have the same. */
  workflow: string
  job: string
  /** The pull request that the event is of, with its newest commit where the event tells it. */
  pullRequest?: { number: number; sha?: string }
  /** Undefined where the event does not say. */
  publicRepository?: boolean
  /** Whether the event is a pull request from another repository, which gets no secrets. */
  fromFork: boolean
}

export function openRunner(env: Record<string, string | undefined>): Runner {
  const secrets: string[] = []
  let redact = redactor(secrets)
  let grouped = false
  /** Everything that is printed goes through here: no secret, one line, no command. */
  const safe = (text: string): string => oneLine(redact(text))
  const endGroup = (): void => {
    if (grouped) core.endGroup()
    grouped = false
  }
  return {
    context: contextOf(env),
    mask(more) {
      for (const secret of more) {
        for (const form of secretForms(secret)) core.setSecret(form)
      }
      secrets.push(...more)
      redact = redactor(secrets)
    },
    redact: (text) => redact(text),
    group(title) {
      endGroup()
      core.startGroup(safe(title))
      grouped = true
    },
    endGroup,
    info(text) {
      core.info(safe(text))
    },
    notice(text) {
      core.notice(safe(text))
    },
    warning(text) {
      core.warning(safe(text))
    },
    debug(text) {
      if (core.isDebug()) core.debug(safe(text))
    },
    error(title, text) {
      core.error(safe(text), { title: safe(title) })
    },
    setOutputs(values) {
      // Without the file, the toolkit would print the values as commands of a kind long gone.
      if (!env['GITHUB_OUTPUT']) {
        core.warning('GITHUB_OUTPUT is not set: there is no place for outputs.')
        return false
      }
      for (const [name, value] of Object.entries(values)) core.setOutput(name, value)
      return true
    },
    saveState(name, text) {
      if (!env['GITHUB_STATE']) {
        throw new Failure({
          reason: 'input-invalid',
          message:
            'lifetime job needs a runner that calls the action again after the job: GITHUB_STATE is not set.',
          hint: 'Leave lifetime out, and remove what is made by mode teardown.',
          inputs: ['lifetime'],
        })
      }
      core.saveState(name, text)
    },
    state: (name) => env[`STATE_${name}`] || undefined,
    writeSummary(markdown) {
      const path = env['GITHUB_STEP_SUMMARY']
      if (path) appendFileSync(path, markdown)
    },
    writeFile(name, text) {
      const folder = join(env['RUNNER_TEMP'] || tmpdir(), 'materialize-kafka-action', randomUUID())
      mkdirSync(folder, { recursive: true })
      const path = join(folder, name)
      writeFileSync(path, text, { mode: 0o600 })
      return path
    },
  }
}

interface EventPayload {
  repository?: { private?: boolean; visibility?: string; full_name?: string }
  pull_request?: {
    number?: number
    head?: { sha?: string; repo?: { full_name?: string } | null }
  }
  /** Of a comment, which may be one of a pull request. */
  issue?: { number?: number; pull_request?: unknown }
}

function contextOf(env: Record<string, string | undefined>): RunContext {
  const payload = readEvent(env['GITHUB_EVENT_PATH'])
  const repository = env['GITHUB_REPOSITORY'] || 'local'
  const isPrivate = payload.repository?.private
  const head = payload.pull_request?.head
  const runId = env['GITHUB_RUN_ID'] || randomUUID().slice(0, 8)
  const runAttempt = env['GITHUB_RUN_ATTEMPT'] || '1'
  const url = `${withoutSlash(env['GITHUB_SERVER_URL'] || 'https://github.com')}/${repository}`
  const pullRequest = pullRequestOf(payload)
  return {
    repository,
    runId,
    runAttempt,
    apiUrl: withoutSlash(env['GITHUB_API_URL'] || 'https://api.github.com'),
    url,
    runUrl: `${url}/actions/runs/${runId}/attempts/${runAttempt}`,
    // The branch that it is taken from comes after the @.
    workflow: env['GITHUB_WORKFLOW_REF']?.split('@')[0] ?? '',
    job: env['GITHUB_JOB'] || 'job',
    ...(pullRequest && { pullRequest }),
    // A fork that was deleted has no repository any more.
    fromFork: head !== undefined && head.repo?.full_name !== repository,
    ...(isPrivate === undefined ? {} : { publicRepository: !isPrivate }),
  }
}

function pullRequestOf({ pull_request: pull, issue }: EventPayload): RunContext['pullRequest'] {
  const number = pull?.number ?? (issue?.pull_request ? issue.number : undefined)
  if (number === undefined || !Number.isSafeInteger(number)) return undefined
  const sha = pull?.head?.sha ?? ''
  return { number, ...(/^[0-9a-f]{40,64}$/.test(sha) && { sha }) }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function readEvent(path: string | undefined): EventPayload {
  if (!path) return {}
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as EventPayload | null) ?? {}
  } catch {
    // No event, no facts: the safer default is taken.
    return {}
  }
}
