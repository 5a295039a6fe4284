import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { SqlError } from './errors.ts'

export const SCRAM_ITERATIONS = 600_000
const derive = promisify(pbkdf2)

export function invalidPassword(): SqlError {
  return new SqlError('28P01', 'invalid password', { severity: 'FATAL' })
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

/** Derived keys are costly at 600,000 rounds, so they are kept for the life of the process. */
const derived = new Map<string, Promise<{ salt: Buffer; salted: Buffer }>>()

function saltedPassword(password: string): Promise<{ salt: Buffer; salted: Buffer }> {
  let found = derived.get(password)
  if (found === undefined) {
    const salt = randomBytes(16)
    found = derive(password.normalize('NFKC'), salt, SCRAM_ITERATIONS, 32, 'sha256').then(
      (salted) => ({ salt, salted }),
    )
    derived.set(password, found)
  }
  return found
}

function attributes(text: string): Map<string, string> {
  return new Map(
    text.split(',').map((part) => [part.slice(0, 1), part.slice(2)] as [string, string]),
  )
}

/** The server's half of SCRAM-SHA-256 without channel binding. */
export class ScramExchange {
  private readonly password: string | null
  private clientFirst = ''
  private serverFirst = ''
  private salted: Buffer = Buffer.alloc(0)

  /** An unknown role goes through the same motions, so that it cannot be told from a wrong password. */
  constructor(password: string | null) {
    this.password = password
  }

  async first(message: string): Promise<string> {
    const bare = /^[ny],[^,]*,(.*)$/s.exec(message)?.[1]
    if (bare === undefined) throw invalidPassword()
    const { salt, salted } = await saltedPassword(this.password ?? 'no such role')
    this.clientFirst = bare
    this.salted = salted
    const nonce = `${attributes(bare).get('r') ?? ''}${randomBytes(18).toString('base64')}`
    this.serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${SCRAM_ITERATIONS}`
    return this.serverFirst
  }

  final(message: string): string {
    const given = attributes(message)
    const withoutProof = message.replace(/,p=.*$/s, '')
    const authMessage = `${this.clientFirst},${this.serverFirst},${withoutProof}`
    const clientKey = hmac(this.salted, 'Client Key')
    const storedKey = createHash('sha256').update(clientKey).digest()
    const signature = hmac(storedKey, authMessage)
    const proof = Buffer.from(given.get('p') ?? '', 'base64')
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!))
    const matches = proof.length === expected.length && timingSafeEqual(proof, expected)
    if (!matches || this.password === null) throw invalidPassword()
    return `v=${hmac(hmac(this.salted, 'Server Key'), authMessage).toString('base64')}`
  }
}
