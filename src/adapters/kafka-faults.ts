import errors from 'kafkajs/src/protocol/error.js'
import { Failure, type FailureFacts, type Reason } from '../core/failure.ts'

/** Where a broker listens. */
export interface Address {
  host: string
  port: number
}

/** host:port, an IPv6 host in brackets. */
export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** What was under way when a broker failed, for the sentence. */
export interface Circumstance {
  /** The name of what it was about, for instance `topic orders`. */
  subject: string
  /** The right that it takes, for instance `READ on topic orders`. */
  right: string
}

const REACH_WORDS: Record<string, string> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'reset the connection',
  EPIPE: 'closed the connection',
  ETIMEDOUT: 'did not answer in time',
  EHOSTUNREACH: 'cannot be reached: there is no route to the host',
  ENETUNREACH: 'cannot be reached: there is no route to the network',
}

/** The host's name has no address, or the name service does not answer. */
const NAME_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME'])

/** A socket that did not open: from the code that Node gave, never from its text. */
export function reachFailure(address: Address, cause: unknown): Failure {
  const code = codeOf(cause)
  const at = addressText(address)
  if (NAME_CODES.has(code)) {
    return new Failure({
      reason: 'kafka-host-unknown',
      message: `The Kafka host ${address.host} has no address (${code}).`,
      retriable: code === 'EAI_AGAIN',
      cause,
    })
  }
  const words = REACH_WORDS[code] ?? `cannot be reached (${code || textOf(cause)})`
  return unreachable(address, `Kafka at ${at} ${words}.`, cause)
}

/** A broker that is not there, or does not speak. `message` is the whole sentence. */
export function unreachable(address: Address, message: string, cause?: unknown): Failure {
  return new Failure({
    reason: 'kafka-unreachable',
    message,
    retriable: true,
    cause: cause ?? addressText(address),
  })
}

/** What a broker's certificate said of itself. */
export interface SeenCertificate {
  subject: string
  issuer: string
  /** The names it is for, as in subjectAltName. */
  names: string
  validFrom: string
  validTo: string
}

/** A certificate that was refused; `code` is OpenSSL's, or Node's for a name that does not fit. */
export function certificateFailure(
  address: Address,
  code: string,
  seen: SeenCertificate | undefined,
): Failure {
  const at = addressText(address)
  const shown = seen
    ? ` It shows ${seen.subject}, issued by ${seen.issuer}, valid from ${seen.validFrom} to ${seen.validTo}.`
    : ''
  return new Failure({
    reason: 'kafka-tls',
    message: `The certificate of Kafka at ${at} ${certificateWords(address, code, seen)}.${shown}`,
    inputs: ['kafka-ca'],
    cause: code,
  })
}

function certificateWords(
  { host }: Address,
  code: string,
  seen: SeenCertificate | undefined,
): string {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `is not for ${host}${seen ? ` but for ${seen.names}` : ''}`
    case 'CERT_HAS_EXPIRED':
      return 'has expired'
    case 'CERT_NOT_YET_VALID':
      return 'is not valid yet'
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `is not signed by a certificate authority that is trusted here (${code})`
    case 'CERT_SIGNATURE_FAILURE':
      return 'was not signed by the certificate authority of this name that is trusted here'
    default:
      return `was refused (${code})`
  }
}

/** The client’s own certificate and key, which cannot be used as they are. */
export function clientCertificateFailure(address: Address, code: string): Failure {
  const why =
    code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
      ? 'the key is not the one of the certificate'
      : `they cannot be read (${code})`
  return new Failure({
    reason: 'kafka-tls',
    message: `The client’s own certificate and key cannot be shown to Kafka at ${addressText(address)}: ${why}.`,
    hint: 'Check kafka-certificate and kafka-key, which are PEM text.',
    inputs: ['kafka-certificate', 'kafka-key'],
    cause: code,
  })
}

/** What a broker says of the client’s own certificate, by the alert with which it ends TLS. */
const ALERTS: [RegExp, string][] = [
  [/CERTIFICATE_REQUIRED/, 'asks for a certificate of the client’s own'],
  // Java says so, too, of none at all under TLS 1.2.
  [/BAD_CERTIFICATE/, 'asks for a certificate of the client’s own, and takes not this one or none'],
  [/UNKNOWN_CA|CERTIFICATE_UNKNOWN/, 'does not trust the client’s own certificate'],
  [/CERTIFICATE_EXPIRED/, 'finds the client’s own certificate expired'],
]

/** A TLS handshake that failed for another reason than the broker’s certificate. */
export function handshakeFailure(address: Address, cause: unknown): Failure {
  const code = codeOf(cause)
  const said = code.includes('_ALERT_') && ALERTS.find(([words]) => words.test(code))
  if (said) {
    return new Failure({
      reason: 'kafka-tls',
      message: `Kafka at ${addressText(address)} ${said[1]} (${code}).`,
      hint: 'Check kafka-certificate and kafka-key, and which authority the broker takes clients’ certificates from.',
      inputs: ['kafka-certificate', 'kafka-key'],
      cause,
    })
  }
  return new Failure({
    reason: 'kafka-tls',
    message: `Kafka at ${addressText(address)} did not complete the TLS handshake (${
      codeOf(cause) || textOf(cause)
    }).`,
    cause,
  })
}

/** One side speaks TLS and the other does not. */
export function mismatchFailure(address: Address, spoken: 'tls' | 'plaintext'): Failure {
  const at = addressText(address)
  return new Failure({
    reason: 'kafka-tls-mismatch',
    message:
      spoken === 'tls'
        ? `Kafka at ${at} speaks TLS, and the security protocol asks for plain text.`
        : `Kafka at ${at} speaks plain text, and the security protocol asks for TLS.`,
    inputs: ['kafka-security-protocol', 'kafka-brokers'],
  })
}

export function loginFailure(address: Address, mechanism: string, cause: unknown): Failure {
  // kafkajs puts words of its own before the broker's.
  const words = textOf(cause).replace(/^SASL [\w -]* failed: /, '')
  return new Failure({
    reason: 'kafka-login',
    message: `Kafka at ${addressText(address)} refused the login by ${mechanism}: ${words}`,
    inputs: ['kafka-username', 'kafka-password', 'kafka-sasl-mechanism'],
    cause,
  })
}

/** A listener for which login and settings disagree about there being a login at all. */
export function loginMismatchFailure(address: Address, wanted: 'login' | 'none'): Failure {
  const at = addressText(address)
  return new Failure({
    reason: 'kafka-login',
    message:
      wanted === 'login'
        ? `Kafka at ${at} ended the connection at the first request without a login: it seems to ask for one.`
        : `Kafka at ${at} takes no login on this port.`,
    hint:
      wanted === 'login'
        ? 'Set kafka-security-protocol to SASL_SSL or SASL_PLAINTEXT and give user and password, or use the port that takes no login.'
        : 'Set kafka-security-protocol to SSL or PLAINTEXT, or use the port that takes logins.',
    inputs: ['kafka-security-protocol', 'kafka-brokers'],
  })
}

export function mechanismFailure(address: Address, mechanism: string, offered: string[]): Failure {
  const offer = offered.length === 0 ? '' : ` It offers ${offered.join(', ')}.`
  return new Failure({
    reason: 'kafka-mechanism',
    message: `Kafka at ${addressText(address)} does not offer ${mechanism}.${offer}`,
    inputs: ['kafka-sasl-mechanism'],
  })
}

const AUTHORIZATION_CODES = new Set([29, 30, 31, 53])
const TOPIC_UNKNOWN = 3
const TOPIC_INVALID = 17

/** An error code in a broker's answer, with the broker's own words where it sent any. */
export function answerFailure(
  code: number,
  { subject, right }: Circumstance,
  words?: string | null,
): Failure {
  const { type, message, retriable } = errors.createErrorFromCode(code)
  // kafkajs knows the codes to 88 and gives the later ones one name.
  const name = type === 'KAFKAJS_UNKNOWN_ERROR_CODE' ? `error ${code}` : type
  const own = words ? `${words} (${name})` : `${message} (${name})`
  const facts = (reason: Reason, sentence: string): FailureFacts => ({
    reason,
    message: sentence,
    retriable,
  })
  if (AUTHORIZATION_CODES.has(code)) {
    return new Failure(
      facts('kafka-authorization', `The Kafka user lacks the right ${right} (${name}).`),
    )
  }
  if (code === TOPIC_UNKNOWN) {
    return new Failure(facts('topic-unknown', `Kafka does not know ${subject} (${name}).`))
  }
  if (code === TOPIC_INVALID) {
    return new Failure(facts('topic-invalid', `Kafka refuses the name of ${subject}: ${own}`))
  }
  return new Failure(facts('kafka-refused', `Kafka refused a request about ${subject}: ${own}`))
}

/** A broker that the cluster names and that cannot be reached, while another one answers. */
export function advertisedFailure(address: Address, bootstrap: Address, failure: Failure): Failure {
  if (failure.reason !== 'kafka-unreachable' && failure.reason !== 'kafka-host-unknown') {
    return failure
  }
  return new Failure({
    reason: 'kafka-unreachable',
    message:
      `Kafka at ${addressText(bootstrap)} answers, but sends its clients on to ` +
      `${addressText(address)}, which fails: ${failure.message}`,
    hint: 'Correct advertised.listeners on the broker, or open that address to this runner.',
    retriable: failure.retriable,
    cause: failure,
  })
}

/** What a closer look can still change comes last, what a user must correct first. */
const TELLING: Reason[] = [
  'kafka-mechanism',
  'kafka-login',
  'kafka-authorization',
  'kafka-tls-mismatch',
  'kafka-tls',
  'kafka-refused',
  'kafka-unreachable',
  'kafka-host-unknown',
]

/** One failure for several brokers that all failed: the most telling reason and every sentence. */
export function mostTelling(failures: Failure[]): Failure {
  const rank = ({ reason }: Failure): number => {
    const index = TELLING.indexOf(reason)
    return index < 0 ? TELLING.length : index
  }
  const [first, ...others] = failures.toSorted((a, b) => rank(a) - rank(b))
  if (first === undefined) {
    return new Failure({ reason: 'kafka-unreachable', message: 'No Kafka broker is named.' })
  }
  if (others.length === 0) return first
  const messages = [first, ...others].map((failure) => failure.message)
  return new Failure({
    reason: first.reason,
    message: [...new Set(messages)].join(' '),
    hint: first.hint,
    inputs: first.inputs,
    retriable: first.retriable,
    cause: first,
  })
}

/** The code of a Node or kafkajs error, empty if it has none. */
export function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

export function textOf(thrown: unknown): string {
  const { message } = (thrown ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : String(thrown)
}
