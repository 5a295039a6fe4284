import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import type { KafkaSettings } from '../core/model-connection.ts'
import {
  addressText,
  certificateFailure,
  clientCertificateFailure,
  codeOf,
  handshakeFailure,
  mismatchFailure,
  reachFailure,
  unreachable,
  type Address,
  type SeenCertificate,
} from './kafka-faults.ts'
import { Failure } from '../core/failure.ts'
import { bounded, type Deadline } from './kafka-waiting.ts'

/** Far and busy clusters take seconds for a connection; kafkajs's own limit of one is too short. */
const CONNECT_MS = 10_000
const HANDSHAKE_MS = 10_000
/** A broker that speaks tells so within a round trip. */
const ASK_MS = 1_500
/** Node tries a name's addresses one by one, and by default gives each but the last only 250 ms. */
const ADDRESS_MS = 1_000
/** Between two looks minutes may pass, after which routers forget a silent connection. */
const KEEP_ALIVE_MS = 30_000

export type TlsSettings = Pick<KafkaSettings, 'protocol' | 'ca' | 'certificate' | 'key'>

/** host:port as a setting has it; an IPv6 host stands in brackets. */
export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':')
  return {
    host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(text.slice(colon + 1)),
  }
}

export function isSecure(settings: TlsSettings): boolean {
  return settings.protocol === 'SSL' || settings.protocol === 'SASL_SSL'
}

/**
 * A socket to a broker, its TLS handshake done and its certificate checked where the settings ask
 * for it. Opened here and not by kafkajs, since only here are name, port, handshake and certificate
 * seen apart. Rejects with a Failure; the caller ends the socket.
 */
export async function openSocket(
  address: Address,
  settings: TlsSettings,
  deadline: Deadline,
): Promise<net.Socket> {
  const plain = await openPlain(address, deadline)
  if (!isSecure(settings)) return plain
  const at = addressText(address)
  try {
    const secure = quiet(tls.connect({ ...tlsOptions(address, settings), socket: plain }))
    await bounded(once(secure, 'secureConnect'), deadline, {
      ms: HANDSHAKE_MS,
      failure: () => unreachable(address, `Kafka at ${at} did not answer the TLS handshake.`),
    })
    return secure
  } catch (error) {
    plain.destroy()
    if (error instanceof Failure && error.reason !== 'kafka-unreachable') throw error
    throw await explainHandshake(address, error, deadline)
  }
}

async function openPlain(address: Address, deadline: Deadline): Promise<net.Socket> {
  const at = addressText(address)
  const socket = quiet(
    net.connect({
      ...address,
      autoSelectFamilyAttemptTimeout: ADDRESS_MS,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    }),
  )
  try {
    await bounded(once(socket, 'connect'), deadline, {
      ms: CONNECT_MS,
      failure: () => unreachable(address, `Kafka at ${at} did not answer within 10 seconds.`),
    })
    return socket
  } catch (error) {
    socket.destroy()
    throw error instanceof Failure ? error : reachFailure(address, error)
  }
}

/** An error that comes when nobody waits any more must not end the process. */
function quiet<S extends net.Socket>(socket: S): S {
  return socket.on('error', () => undefined)
}

function tlsOptions(address: Address, settings: TlsSettings): tls.ConnectionOptions {
  return {
    host: address.host,
    ...(net.isIP(address.host) === 0 ? { servername: address.host } : {}),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    ...(settings.certificate === undefined ? {} : { cert: settings.certificate }),
    ...(settings.key === undefined ? {} : { key: settings.key }),
  }
}

/** What the handshake's end meant, if need be by asking the port once more. */
async function explainHandshake(
  address: Address,
  error: unknown,
  deadline: Deadline,
): Promise<Failure> {
  const code = codeOf(error)
  if (code.startsWith('ERR_OSSL_')) return clientCertificateFailure(address, code)
  const wire = code === '' || code.startsWith('ERR_SSL_') || /^E[A-Z]+$/.test(code)
  if (!wire || code.startsWith('ERR_TLS_')) {
    return certificateFailure(address, code, await seenCertificate(address, deadline))
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || (await speaksPlaintext(address, deadline))) {
    return mismatchFailure(address, 'plaintext')
  }
  if (error instanceof Failure) return error
  // A connection that just ends may be a balancer's that has no broker behind it.
  return code.startsWith('ERR_SSL_')
    ? handshakeFailure(address, error)
    : reachFailure(address, error)
}

/** Whether the port answers a TLS handshake, with whatever certificate or alert. */
export async function speaksTls(address: Address, deadline: Deadline): Promise<boolean> {
  return untrusted(address, deadline).then(
    () => true,
    (error: unknown) => codeOf(error).includes('_ALERT_'),
  )
}

/**
 * The certificate that a port shows, from a connection of its own that trusts anybody and over which
 * nothing is sent: one that was refused takes what it showed along with it.
 */
async function seenCertificate(
  address: Address,
  deadline: Deadline,
): Promise<SeenCertificate | undefined> {
  const certificate = await untrusted(address, deadline).catch(() => undefined)
  if (certificate?.subject === undefined) return undefined
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    names: certificate.subjectaltname ?? 'no name',
    validFrom: certificate.valid_from,
    validTo: certificate.valid_to,
  }
}

function nameText(name: tls.Certificate): string {
  return Object.entries(name)
    .map(([part, value]) => `${part}=${String(value)}`)
    .join(', ')
}

async function untrusted(address: Address, deadline: Deadline): Promise<tls.PeerCertificate> {
  const socket = await openPlain(address, deadline)
  try {
    const options = tlsOptions(address, { protocol: 'SSL' })
    const secure = quiet(tls.connect({ ...options, socket, rejectUnauthorized: false }))
    await bounded(once(secure, 'secureConnect'), deadline, silent(address))
    return secure.getPeerCertificate()
  } finally {
    socket.destroy()
  }
}

const CORRELATION_ID = 7
/** ApiVersions, version 0, from a client without a name: what every broker answers before a login. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, CORRELATION_ID, 0, 0])

/** Whether the port answers Kafka's first request in plain text. */
async function speaksPlaintext(address: Address, deadline: Deadline): Promise<boolean> {
  let socket: net.Socket | undefined
  try {
    socket = await openPlain(address, deadline)
    socket.write(API_VERSIONS)
    const answer = await bounded(firstBytes(socket), deadline, silent(address))
    return answer.length >= 8 && answer.readInt32BE(4) === CORRELATION_ID
  } catch {
    return false
  } finally {
    socket?.destroy()
  }
}

function firstBytes(socket: net.Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once('data', resolve).once('close', () => reject(new Error('closed without a word')))
  })
}

function silent(address: Address): { ms: number; failure: () => Failure } {
  return {
    ms: ASK_MS,
    failure: () => unreachable(address, `Kafka at ${addressText(address)} is silent.`),
  }
}
