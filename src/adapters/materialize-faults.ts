import { Failure, type Reason } from '../core/failure.ts'
import type { MaterializeSettings } from '../core/model.ts'
import { withoutRecord } from '../core/record-words.ts'
import type { Statement } from '../core/sql.ts'

/** What a server's refusal carries beside its message. */
interface ServerError {
  code?: string
  message: string
  detail?: string
  hint?: string
  severity?: string
}

/** By SQLSTATE, where Materialize gives one that says enough. */
const BY_CODE: Record<string, Reason> = {
  '28P01': 'materialize-login',
  '28000': 'materialize-login',
  MZ010: 'materialize-login',
  MZ011: 'materialize-unreachable',
  '08004': 'materialize-tls',
  '42501': 'materialize-privilege',
  '53000': 'limit-reached',
  '3F000': 'schema-unknown',
  '57P01': 'materialize-lost',
  '57P02': 'materialize-lost',
  '57P03': 'materialize-unreachable',
}

/** By message: most of Materialize's refusals share the code XX000. */
const BY_MESSAGE: [RegExp, Reason][] = [
  [/^(SASL authentication (failed|required)|Invalid username or password)/, 'kafka-login'],
  [/^Failed to resolve hostname/, 'kafka-host-unknown'],
  [/^(Invalid CA certificate|SSL authentication required)/, 'kafka-tls'],
  [/^Broker does not support SSL|Disconnected: connection closed by peer/, 'kafka-tls-mismatch'],
  [/^(Broker transport failure|All brokers down|Connection timeout)/, 'kafka-unreachable'],
  [/Unsupported SASL mechanism|No provider for SASL mechanism/, 'kafka-mechanism'],
  [/^CREATE TABLE \.\.\. FROM SOURCE is not supported/, 'feature-off'],
  [/ is not available$/, 'feature-off'],
  [/^server error 40[13]\b/, 'registry-login'],
  [/^server error \d|^error sending request for url/, 'registry-unreachable'],
  [/cannot be exported as a sink/, 'relation-unfit'],
  [/^upsert key could not|^column referenced in KEY|^upsert sinks must/, 'input-invalid'],
  [/^(invalid timestamp interval|BYTES or TEXT format with multiple columns) /, 'input-invalid'],
  [/already exists$/, 'name-taken'],
  [/^Topic does not exist/, 'topic-unknown'],
  [/^InvalidTopic/, 'topic-invalid'],
  [/AuthorizationFailed/, 'kafka-authorization'],
  [/^unknown cluster /, 'cluster-unknown'],
  [/has no replicas available/, 'cluster-without-replicas'],
  [/^unknown schema /, 'schema-unknown'],
  [/^unknown database /, 'database-unknown'],
  [/^unknown catalog item /, 'relation-unknown'],
  [/^(Decode|Envelope) error/, 'rows-undecodable'],
  [/^Source error/, 'source-stalled'],
  [/Meta data fetch error|BrokerTransportFailure/, 'connection-refused'],
]

/**
 * A statement that was ended over there: by a time limit of the server’s, or by somebody who may. A run
 * that is cancelled itself does not wait for such an answer.
 */
const ENDED = '57014'

/** Refusals that pass by themselves: a concurrent change of the catalog, a topic made just now. */
function mayPass(code: string | undefined, reason: Reason): boolean {
  return code === '40001' || reason === 'topic-unknown'
}

/** @param error what pg rejected a statement with. */
export function queryFailure(error: unknown, statement?: Statement): Failure {
  const { code, message, detail, hint } = facts(error)
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith('E')) {
    return new Failure({
      reason: 'materialize-lost',
      message: `The session with Materialize ended: ${message}.`,
      cause: error,
    })
  }
  if (statement && statement.text !== statement.shown) {
    // Materialize may print the statement back: of a secret only the code is passed on.
    return new Failure({
      reason:
        BY_CODE[code] ?? (/already exists$/.test(message) ? 'name-taken' : 'materialize-refused'),
      message: `the server answered ${code}${code === '42501' ? ` (${detail ?? message})` : ''} to ${statement.shown}.`,
    })
  }
  const reason =
    BY_CODE[code] ??
    BY_MESSAGE.find(([words]) => words.test(message) || words.test(detail ?? ''))?.[1] ??
    (code === '58000' ? 'connection-refused' : 'materialize-refused')
  if (reason === 'rows-undecodable') {
    // The message quotes the record, which is not ours to print.
    const what = /^(Decode error|Envelope error)/.exec(message)?.[0] ?? 'Decode error'
    return new Failure({ reason, message: `A record does not fit the source's format (${what}).` })
  }
  if (/^CREATE TABLE \.\.\. FROM SOURCE is not supported/.test(message)) {
    return new Failure({
      reason,
      message:
        'This Materialize makes no tables from sources: its flag enable_create_table_from_source is off.',
    })
  }
  if (code === ENDED) {
    return new Failure({
      reason: 'materialize-refused',
      message: `Materialize ended a statement of its own accord, or somebody there did: ${message} (${code})`,
      hint: 'Look at statement_timeout of the role, and who cancels statements there; then run the job again.',
      cause: error,
    })
  }
  const text = [message, detail, hint].flatMap((part) => part?.replace(/\.$/, '') || []).join('. ')
  return new Failure({
    reason,
    message: `${withoutRecord(text)} (${code})`,
    inputs: reason === 'input-invalid' && /\bkey\b/i.test(message) ? ['sink-key'] : [],
    cause: error,
    retriable: mayPass(code, reason),
  })
}

/** Codes of Node's TLS for certificates that do not verify. */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_MISMATCH/

/** @param error what connecting ended with. */
export function connectFailure(error: unknown, settings: MaterializeSettings): Failure {
  if (error instanceof Failure) return error
  const { code = '', message, detail } = facts(error)
  const where = `${settings.host}:${String(settings.port)}`
  const failure = (reason: Reason, sentence: string): Failure =>
    new Failure({ reason, message: sentence, cause: error })

  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failure('materialize-host-unknown', `The name ${settings.host} is not known to DNS.`)
  }
  if (/does not support SSL/.test(message)) {
    return failure(
      'materialize-tls',
      `Materialize at ${where} speaks no TLS, and materialize-sslmode is ${settings.sslmode}.`,
    )
  }
  if (CERTIFICATE.test(code)) {
    return failure(
      'materialize-tls',
      `TLS with Materialize at ${where} failed: ${message} (${code}).`,
    )
  }
  const reason = BY_CODE[code]
  if (reason !== undefined) {
    const words = [message, detail].filter((text) => text).join('. ')
    return failure(reason, `Materialize at ${where} refused the login: ${words} (${code}).`)
  }
  if (message.startsWith('SASL')) {
    return failure('materialize-login', `The login to Materialize at ${where} failed: ${message}.`)
  }
  if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')) {
    return failure('materialize-refused', `Materialize at ${where} refused: ${message} (${code}).`)
  }
  const why = /timeout/i.test(message) ? 'no answer in time' : code || message
  return failure('materialize-unreachable', `Materialize at ${where} cannot be reached: ${why}.`)
}

function facts(error: unknown): ServerError {
  if (error instanceof AggregateError) {
    // One error for each address of the name; the first speaks for all.
    return facts(error.errors[0] ?? { message: error.message })
  }
  if (typeof error !== 'object' || error === null) return { message: String(error) }
  return error as ServerError
}
