import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface WireError {
  severity?: string
  code?: string
  message: string
  detail?: string
  hint?: string
  position?: string
}

export interface WireNotice {
  severity: string
  code: string
  message: string
  detail?: string
  hint?: string
}

export interface Answer {
  tag?: string
  rowCount?: number | null
  fields?: string[]
  rows?: (string | null)[][]
  results?: Answer[]
  error?: WireError
  notices?: WireNotice[]
}

export interface StatementLine extends Answer {
  sql: string
  as?: string
  params?: string[]
  no_answer_within_ms?: number
}

export type GrantStep =
  'ok' | { code: string; message: string; detail?: string } | { granted: string; failed?: string }

export interface ThenStep {
  sql?: string
  wait?: number
  rows?: Record<string, unknown>[]
  error?: WireError
  other?: { sql: string }
}

export interface EventLine {
  event: 'startup' | 'kafka' | 'wait' | 'grants' | 'connect' | 'race'
  as?: string
  note?: string
  did?: string
  sql?: string
  parameters?: Record<string, string>
  steps?: GrantStep[]
  config?: Record<string, string>
  connected?: boolean
  error?: WireError
  notices?: WireNotice[]
  then?: ThenStep[]
  results?: ThenStep[]
}

export type Line = StatementLine | EventLine

export function isStatement(line: Line): line is StatementLine {
  return !('event' in line)
}

export function transcript<T = Line>(name: string): T[] {
  const path = new URL(`../../../__tests__/fixtures/transcripts/${name}.jsonl`, import.meta.url)
  return readFileSync(fileURLToPath(path), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
