/** What CREATE CONNECTION says: Materialize reads librdkafka's log and translates what it finds there. */
import { Fault, METADATA_FAILED, protocolError } from './words.ts'
import type { KafkaConnectionConfig } from '../engine-port.ts'

const CA_CODES = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_SIGNATURE_FAILURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** How far the connection came when it failed; the same closed socket means different things. */
export type Phase = 'connect' | 'request'

export function connectionFault(
  error: unknown,
  at: { connection: KafkaConnectionConfig; phase: Phase },
): Fault {
  return new Fault('58000', words(error as Failure, at))
}

interface Failure {
  name?: string
  message?: string
  code?: string
}

function words(error: Failure, at: { connection: KafkaConnectionConfig; phase: Phase }): string {
  const { securityProtocol, mechanism } = at.connection
  const code = error.code ?? ''
  const message = error.message ?? ''
  const tls = securityProtocol === 'SSL' || securityProtocol === 'SASL_SSL'
  const sasl = securityProtocol === 'SASL_PLAINTEXT' || securityProtocol === 'SASL_SSL'

  if (error.name === 'UnsupportedMechanism') {
    return `${METADATA_FAILED}: BrokerTransportFailure (Local: Broker transport failure)`
  }
  if (error.name === 'KafkaJSSASLAuthenticationError') {
    if (message.includes('mechanism is not supported')) return 'Unsupported SASL mechanism'
    return mechanism?.toUpperCase() === 'PLAIN'
      ? 'Invalid username or password'
      : 'SASL authentication failed'
  }
  // The second is how a listener without SASL answers a handshake.
  if (/^(UNSUPPORTED_SASL_MECHANISM|ILLEGAL_SASL_STATE)$/.test(protocolError(error) ?? '')) {
    return 'Unsupported SASL mechanism'
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Failed to resolve hostname'
  if (code === 'ECONNREFUSED') return 'Broker transport failure'
  if (CA_CODES.has(code)) return 'Invalid CA certificate'
  if (/PEM|no start line|asn1/i.test(`${code} ${message}`)) return 'Invalid CA certificate'
  if (/certificate required|bad certificate/i.test(message)) return 'SSL authentication required'
  if (tls && (/EPROTO|WRONG_VERSION/.test(code) || isBrokenHandshake(message))) {
    return 'Broker does not support SSL connections'
  }
  const closed = error.name === 'KafkaJSConnectionClosedError' || code === 'ECONNRESET'
  if (closed && at.phase === 'request' && !sasl) return 'SASL authentication required'
  if (closed && !tls) return plaintextOnTls(at.connection)
  return 'Broker transport failure'
}

function isBrokenHandshake(message: string): boolean {
  return message.includes('before secure TLS connection was established')
}

function plaintextOnTls(connection: KafkaConnectionConfig): string {
  const scheme = connection.securityProtocol === 'SASL_PLAINTEXT' ? 'sasl_plaintext://' : ''
  const broker = `${scheme}${connection.brokers[0]}/bootstrap`
  return (
    `Internal kafka error: [thrd:${broker}]: ${broker}: Disconnected: connection closed by peer: ` +
    'receive 0 after POLLIN (after 0ms in state APIVERSION_QUERY, 1 identical error(s) suppressed)'
  )
}
