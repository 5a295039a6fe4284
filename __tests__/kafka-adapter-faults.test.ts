import { generateKeyPairSync } from 'node:crypto'
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { describe, expect, test } from '@jest/globals'
import forge from 'node-forge'
import { Failure, type Reason } from '../src/core/failure.ts'
import type { KafkaSettings } from '../src/core/model-connection.ts'
import { broker, debugLines, listen, open, relay, settings, uniqueName } from './kafka-opened.ts'

function withSasl(changes: object): KafkaSettings {
  const given = settings()
  return { ...given, sasl: { ...given.sasl, ...changes } as never }
}

describe('each fault ends within seconds, with its reason', () => {
  const secret = 'not-the-password-9f2c'
  const faults: {
    name: string
    given: () => KafkaSettings | Promise<KafkaSettings>
    reason: Reason
    words: string
  }[] = [
    {
      name: 'unknown host',
      given: () => ({ ...settings(), brokers: ['nowhere.invalid:9092'] }),
      reason: 'kafka-host-unknown',
      words: 'nowhere.invalid',
    },
    {
      name: 'refused port',
      given: () => ({ ...settings(), brokers: ['127.0.0.1:1'] }),
      reason: 'kafka-unreachable',
      words: '127.0.0.1:1 refused',
    },
    {
      name: 'no certificate authority',
      given: withoutCa,
      reason: 'kafka-tls',
      words: 'issued by CN=Test CA',
    },
    {
      name: 'another certificate authority',
      given: () => ({ ...settings(), ca: broker.wrongCaPem }),
      reason: 'kafka-tls',
      words: 'issued by CN=Test CA',
    },
    {
      name: 'certificate for another name',
      given: misnamed,
      reason: 'kafka-tls',
      words: 'is not for 127.0.0.2 but for DNS:localhost',
    },
    { name: 'expired certificate', given: expired, reason: 'kafka-tls', words: 'has expired' },
    {
      name: 'plain text to a TLS port',
      given: () => ({ ...settings({ protocol: 'SSL' }), protocol: 'PLAINTEXT' }),
      reason: 'kafka-tls-mismatch',
      words: 'speaks TLS',
    },
    {
      name: 'a login in plain text to a TLS port',
      given: () => ({ ...settings(), protocol: 'SASL_PLAINTEXT' }),
      reason: 'kafka-tls-mismatch',
      words: 'speaks TLS',
    },
    {
      name: 'TLS to a plain text port',
      given: () => ({ ...settings({ protocol: 'PLAINTEXT' }), protocol: 'SSL' }),
      reason: 'kafka-tls-mismatch',
      words: 'speaks plain text',
    },
    {
      name: 'TLS to a plain text port with logins',
      given: () => ({ ...settings(), brokers: [broker.brokers.SASL_PLAINTEXT] }),
      reason: 'kafka-tls-mismatch',
      words: 'speaks plain text',
    },
    ...(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).map((mechanism) => ({
      name: `wrong password by ${mechanism}`,
      given: () => withSasl({ mechanism, password: secret }),
      reason: 'kafka-login' as const,
      words: mechanism,
    })),
    {
      name: 'unknown user',
      given: () => withSasl({ username: 'nobody', password: secret }),
      reason: 'kafka-login',
      words: 'invalid credentials',
    },
    {
      name: 'mechanism that is not offered',
      given: () => withSasl({ mechanism: 'GSSAPI' as never }),
      reason: 'kafka-mechanism',
      words: 'SCRAM-SHA-512',
    },
    {
      name: 'no login where one is asked for',
      given: () => ({ ...settings({ protocol: 'SSL' }), brokers: [broker.brokers.SASL_SSL] }),
      reason: 'kafka-login',
      words: 'without a login',
    },
    {
      name: 'a login where none is taken',
      given: () => ({ ...settings(), brokers: [broker.brokers.SSL] }),
      reason: 'kafka-login',
      words: 'takes no login',
    },
    {
      name: 'a port that closes at once',
      given: async () => ({
        ...settings(),
        brokers: [await listen(net.createServer((socket) => socket.destroy()))],
      }),
      reason: 'kafka-unreachable',
      words: 'the connection',
    },
    {
      name: 'a web server',
      given: async () => ({
        ...settings({ protocol: 'PLAINTEXT' }),
        brokers: [await listen(http.createServer())],
      }),
      reason: 'kafka-unreachable',
      words: 'ended the connection',
    },
    {
      name: 'brokers that fail in different ways',
      given: () => ({
        ...settings(),
        ca: broker.wrongCaPem,
        brokers: ['nowhere.invalid:9092', broker.brokers.SASL_SSL, '127.0.0.1:1'],
      }),
      reason: 'kafka-tls',
      words: 'refused the connection',
    },
  ]

  function withoutCa(): KafkaSettings {
    const given = settings()
    delete given.ca
    return given
  }

  async function misnamed(): Promise<KafkaSettings> {
    const { address } = await relay('SASL_SSL')
    return { ...settings(), brokers: [address.replace('127.0.0.1', '127.0.0.2')] }
  }

  async function expired(): Promise<KafkaSettings> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const certificate = forge.pki.createCertificate()
    certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
    certificate.serialNumber = '01'
    certificate.validity.notBefore = new Date('2020-01-01')
    certificate.validity.notAfter = new Date('2021-01-01')
    const name = [{ name: 'commonName', value: 'localhost' }]
    certificate.setSubject(name)
    certificate.setIssuer(name)
    certificate.setExtensions([
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ])
    certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create())
    const cert = forge.pki.certificateToPem(certificate)
    const address = await listen(tls.createServer({ cert, key: privateKey }))
    return { ...settings(), ca: cert, brokers: [address] }
  }

  test.each(faults)('$name', async ({ given, reason, words }) => {
    debugLines.length = 0
    const begin = Date.now()
    const thrown: unknown = await open(await given())
      .look([])
      .catch((error: unknown) => error)

    expect(thrown).toBeInstanceOf(Failure)
    expect(thrown).toMatchObject({ reason })
    expect((thrown as Failure).message).toContain(words)
    expect(Date.now() - begin).toBeLessThan(5_000)
    const told = [(thrown as Failure).message, ...debugLines].join('\n')
    for (const password of [secret, broker.users.full.password])
      expect(told).not.toContain(password)
  })
})

describe('several brokers', () => {
  test('one that answers is enough, whichever it is', async () => {
    const mute = await listen(net.createServer())
    const closed = await listen(net.createServer((socket) => socket.destroy()))
    const brokers = ['nowhere.invalid:1', mute, '127.0.0.1:1', closed, broker.brokers.SASL_SSL]
    const view = await open({ ...settings(), brokers }).look([])
    expect(view.brokers).toEqual([broker.brokers.SASL_SSL])
  })

  test('a wrong password is tried once', async () => {
    const relays = await Promise.all([relay('SASL_PLAINTEXT'), relay('SASL_PLAINTEXT')])
    const given = settings({ protocol: 'SASL_PLAINTEXT' })
    const kafka = open({
      ...given,
      brokers: relays.map(({ address }) => address),
      sasl: { mechanism: 'PLAIN', username: 'full', password: 'wrong' },
    })
    debugLines.length = 0
    await expect(kafka.look([])).rejects.toMatchObject({ reason: 'kafka-login' })
    expect(debugLines.filter((line) => line.includes('authentication failed'))).toHaveLength(1)
  })

  test('one that the cluster names and that cannot be reached is named', async () => {
    const topic = uniqueName('elsewhere')
    await broker.createTopic(topic)
    const [host = '', port] = broker.brokers.PLAINTEXT.split(':')
    const named = Buffer.concat([Buffer.from(host), Buffer.alloc(4)])
    named.writeUInt32BE(Number(port), host.length)
    const { address } = await relay('PLAINTEXT', (bytes) => {
      const at = bytes.indexOf(named)
      if (at >= 0) bytes.writeUInt32BE(1, at + host.length)
      return bytes
    })
    const kafka = open({ brokers: [address], protocol: 'PLAINTEXT' })
    const thrown = (await kafka.look([topic]).catch((error: unknown) => error)) as Failure

    expect(thrown.reason).toBe('kafka-unreachable')
    expect(thrown.message).toContain(`${address} answers`)
    expect(thrown.message).toContain('localhost:1 refused')
  })

  test('a connection that ended between two looks is made anew', async () => {
    const { address, drop, count } = await relay('PLAINTEXT')
    const kafka = open({ brokers: [address], protocol: 'PLAINTEXT' })
    await kafka.look([])
    drop()
    await expect(kafka.look([])).resolves.toMatchObject({ topics: [] })
    expect(count()).toBe(2)
  })

  test('looks side by side share their connections', async () => {
    const { address, count } = await relay('PLAINTEXT')
    const kafka = open({ brokers: [address], protocol: 'PLAINTEXT' })
    await Promise.all([kafka.look([]), kafka.look([]), kafka.look([])])
    expect(count()).toBe(1)
  })
})
