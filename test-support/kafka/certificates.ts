import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'

/** One side of TLS, and the authority by which the other side knows it. */
export interface ServerIdentity {
  caPem: string
  certPem: string
  keyPem: string
}

/** A client's certificate with its key, and the authority by which brokers know it. */
export type ClientIdentity = ServerIdentity

/** The name by which brokers know whoever shows the client's certificate. */
export const CLIENT_NAME = 'test-client'

interface KeyPair {
  publicKey: string
  privateKey: string
}

interface CertificateRequest {
  subject: string
  publicKey: string
  extensions: object[]
}

/** Clients' clocks may be behind the one that signs. */
const hourMs = 3_600_000

/** A fresh authority and a certificate of it for this machine: localhost, 127.0.0.1 and ::1. */
export async function createServerIdentity(): Promise<ServerIdentity> {
  return createIdentity('Test CA', {
    subject: 'localhost',
    extensions: [
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
}

/** A fresh authority and a client's certificate of it. */
export async function createClientIdentity(name = CLIENT_NAME): Promise<ClientIdentity> {
  return createIdentity('Test client CA', {
    subject: name,
    extensions: [{ name: 'extKeyUsage', clientAuth: true }],
  })
}

async function createIdentity(
  authorityKind: string,
  { subject, extensions }: Omit<CertificateRequest, 'publicKey'>,
): Promise<ServerIdentity> {
  const [authority, own] = await Promise.all([createKeyPair(), createKeyPair()])
  const authorityName = uniqueName(authorityKind)
  const sign = (request: CertificateRequest) =>
    signCertificate(request, { name: authorityName, privateKey: authority.privateKey })

  return {
    caPem: sign({
      subject: authorityName,
      publicKey: authority.publicKey,
      extensions: authorityExtensions,
    }),
    certPem: sign({
      subject,
      publicKey: own.publicKey,
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        ...extensions,
      ],
    }),
    keyPem: own.privateKey,
  }
}

/** An authority that has signed nothing: what a client holds that was given the wrong CA. */
export async function createUnrelatedCa(): Promise<string> {
  const { publicKey, privateKey } = await createKeyPair()
  const name = uniqueName('Unrelated CA')
  return signCertificate(
    { subject: name, publicKey, extensions: authorityExtensions },
    { name, privateKey },
  )
}

const authorityExtensions = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  { name: 'subjectKeyIdentifier' },
]

/** Two runs' authorities of one name would be mistaken for each other's, with a worse message. */
function uniqueName(kind: string): string {
  return `${kind} ${randomBytes(4).toString('hex')}`
}

/** node:crypto, because forge's own keys take seconds; forge, because node:crypto cannot sign certificates. */
async function createKeyPair(): Promise<KeyPair> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

function signCertificate(
  request: CertificateRequest,
  issuer: { name: string; privateKey: string },
): string {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(request.publicKey)
  // A leading 1 keeps the number positive, as X.509 wants it.
  certificate.serialNumber = `1${randomBytes(8).toString('hex')}`.slice(0, 16)
  certificate.validity.notBefore = new Date(Date.now() - hourMs)
  certificate.validity.notAfter = new Date(Date.now() + 48 * hourMs)
  certificate.setSubject([{ name: 'commonName', value: request.subject }])
  certificate.setIssuer([{ name: 'commonName', value: issuer.name }])
  certificate.setExtensions(request.extensions)
  certificate.sign(forge.pki.privateKeyFromPem(issuer.privateKey), forge.md.sha256.create())
  return forge.pki.certificateToPem(certificate)
}
