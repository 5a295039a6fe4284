import type { EngineFault } from './engine-port.ts'

export interface Notice {
  severity: 'NOTICE' | 'WARNING'
  code: string
  message: string
  detail?: string
  hint?: string
}

export interface ErrorExtras {
  detail?: string | undefined
  hint?: string | undefined
  position?: number | undefined
  /** FATAL ends the connection. */
  severity?: 'ERROR' | 'FATAL'
}

/** An error as it goes over the wire. */
export class SqlError extends Error {
  readonly code: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly position: number | undefined
  readonly severity: 'ERROR' | 'FATAL'

  constructor(code: string, message: string, extras: ErrorExtras = {}) {
    super(message)
    this.code = code
    this.detail = extras.detail
    this.hint = extras.hint
    this.position = extras.position
    this.severity = extras.severity ?? 'ERROR'
  }
}

/** Materialize answers most planning errors with this code, so only the message tells them apart. */
export function planError(message: string, extras: ErrorExtras = {}): SqlError {
  return new SqlError('XX000', message, extras)
}

export function parseError(message: string, position?: number): SqlError {
  return new SqlError('42601', message, { position })
}

/** What the stand-in has not learned is refused, so that no test can pass on an invented answer. */
export function unknownHere(what: string): SqlError {
  return new SqlError('XXSTD', `stand-in does not know: ${what}`)
}

export function unknownItem(name: string): SqlError {
  return planError(`unknown catalog item '${name}'`)
}

export function canceled(): SqlError {
  return new SqlError('57014', 'canceling statement due to user request')
}

export function fromFault(fault: unknown): SqlError {
  if (fault instanceof SqlError) return fault
  const { code, message, detail, hint } = fault as Partial<EngineFault>
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && typeof message === 'string') {
    return new SqlError(code, message, { detail, hint })
  }
  return unknownHere(`this failure of the Kafka engine: ${String(message ?? fault)}`)
}

export function toSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error
  return unknownHere(
    `its own failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  )
}
