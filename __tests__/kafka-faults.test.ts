import { describe, expect, test } from '@jest/globals'
import {
  addressText,
  advertisedFailure,
  answerFailure,
  certificateFailure,
  loginFailure,
  mechanismFailure,
  mostTelling,
  reachFailure,
} from '../src/adapters/kafka-faults.ts'
import { parseAddress } from '../src/adapters/kafka-socket.ts'
import { Failure, type Reason } from '../src/core/failure.ts'

const address = { host: 'k.example', port: 9093 }

describe('addresses', () => {
  test.each([
    { text: 'k.example:9093', host: 'k.example', port: 9093 },
    { text: '127.0.0.1:1', host: '127.0.0.1', port: 1 },
    { text: '[::1]:9092', host: '::1', port: 9092 },
  ])('$text', ({ text, ...parts }) => {
    expect(parseAddress(text)).toEqual(parts)
    expect(addressText(parts)).toBe(text)
  })
})

describe('sockets that did not open', () => {
  const cases: { code: string; reason: Reason; words: string; retriable: boolean }[] = [
    { code: 'ENOTFOUND', reason: 'kafka-host-unknown', words: 'no address', retriable: false },
    { code: 'EAI_AGAIN', reason: 'kafka-host-unknown', words: 'no address', retriable: true },
    { code: 'ECONNREFUSED', reason: 'kafka-unreachable', words: 'refused', retriable: true },
    { code: 'ECONNRESET', reason: 'kafka-unreachable', words: 'reset', retriable: true },
    { code: 'ETIMEDOUT', reason: 'kafka-unreachable', words: 'in time', retriable: true },
    { code: 'EHOSTUNREACH', reason: 'kafka-unreachable', words: 'no route', retriable: true },
    { code: 'EMFILE', reason: 'kafka-unreachable', words: 'EMFILE', retriable: true },
  ]
  test.each(cases)('$code', ({ code, reason, words, retriable }) => {
    const failure = reachFailure(address, Object.assign(new Error('x'), { code }))
    expect(failure).toMatchObject({ reason, retriable })
    expect(failure.message).toContain(words)
    expect(failure.message).toContain('k.example')
  })
})

describe('certificates', () => {
  const seen = {
    subject: 'CN=other',
    issuer: 'CN=Some CA',
    names: 'DNS:other',
    validFrom: 'then',
    validTo: 'later',
  }
  test.each([
    { code: 'CERT_HAS_EXPIRED', words: 'has expired' },
    { code: 'CERT_NOT_YET_VALID', words: 'not valid yet' },
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', words: 'is not for k.example but for DNS:other' },
    { code: 'SELF_SIGNED_CERT_IN_CHAIN', words: 'trusted here (SELF_SIGNED_CERT_IN_CHAIN)' },
    { code: 'CERT_SIGNATURE_FAILURE', words: 'not signed by' },
    { code: 'CERT_REVOKED', words: 'was refused (CERT_REVOKED)' },
  ])('$code', ({ code, words }) => {
    const failure = certificateFailure(address, code, seen)
    expect(failure).toMatchObject({ reason: 'kafka-tls', inputs: ['kafka-ca'] })
    expect(failure.message).toContain(words)
    expect(failure.message).toContain('It shows CN=other, issued by CN=Some CA')
    expect(certificateFailure(address, code, undefined).message).not.toContain('shows')
  })
})

describe('error codes in answers', () => {
  const about = { subject: 'topic t', right: 'READ on topic t' }
  const cases: { code: number; reason: Reason; retriable: boolean; words: string }[] = [
    { code: 3, reason: 'topic-unknown', retriable: true, words: 'topic t' },
    { code: 6, reason: 'kafka-refused', retriable: true, words: 'NOT_LEADER' },
    { code: 17, reason: 'topic-invalid', retriable: false, words: 'own words' },
    { code: 29, reason: 'kafka-authorization', retriable: false, words: 'READ on topic t' },
    { code: 31, reason: 'kafka-authorization', retriable: false, words: 'READ on topic t' },
    { code: 44, reason: 'kafka-refused', retriable: false, words: 'own words (POLICY_VIOLATION)' },
    { code: 89, reason: 'kafka-refused', retriable: false, words: 'own words (error 89)' },
  ]
  test.each(cases)('$code', ({ code, reason, retriable, words }) => {
    const failure = answerFailure(code, about, 'own words')
    expect(failure).toMatchObject({ reason, retriable })
    expect(failure.message).toContain(words)
  })

  test('a broker that sends no words gets those of kafkajs', () => {
    expect(answerFailure(38, about).message).toBe(
      'Kafka refused a request about topic t: Replication-factor is invalid (INVALID_REPLICATION_FACTOR)',
    )
  })
})

test('the words of kafkajs before the broker’s are left out', () => {
  const cause = new Error('SASL SCRAM SHA256 authentication failed: no such user')
  expect(loginFailure(address, 'SCRAM-SHA-256', cause).message).toBe(
    'Kafka at k.example:9093 refused the login by SCRAM-SHA-256: no such user',
  )
})

test('the mechanisms offered are told', () => {
  expect(mechanismFailure(address, 'PLAIN', ['A', 'B']).message).toBe(
    'Kafka at k.example:9093 does not offer PLAIN. It offers A, B.',
  )
})

describe('several brokers that failed', () => {
  const failure = (reason: Reason, message: string) => new Failure({ reason, message })

  test('the most telling reason leads, and every sentence is there once', () => {
    const told = mostTelling([
      failure('kafka-host-unknown', 'Unknown.'),
      failure('kafka-tls', 'Untrusted.'),
      failure('kafka-host-unknown', 'Unknown.'),
    ])
    expect(told).toMatchObject({ reason: 'kafka-tls', message: 'Untrusted. Unknown.' })
  })

  test('none at all', () => {
    expect(mostTelling([]).reason).toBe('kafka-unreachable')
  })
})

describe('a broker that another one names', () => {
  const bootstrap = { host: 'front', port: 1 }
  test.each<{ reason: Reason; becomes: Reason }>([
    { reason: 'kafka-unreachable', becomes: 'kafka-unreachable' },
    { reason: 'kafka-host-unknown', becomes: 'kafka-unreachable' },
    { reason: 'kafka-tls', becomes: 'kafka-tls' },
    { reason: 'cancelled', becomes: 'cancelled' },
  ])('$reason', ({ reason, becomes }) => {
    const failure = advertisedFailure(address, bootstrap, new Failure({ reason, message: 'So.' }))
    expect(failure.reason).toBe(becomes)
    if (becomes === 'kafka-unreachable') {
      expect(failure.message).toContain('front:1 answers')
      expect(failure.message).toContain('k.example:9093, which fails: So.')
      expect(failure.hint).toContain('advertised.listeners')
    }
  })
})
