import { planError, unknownHere } from './errors.ts'
import { tokenize } from './lexer.ts'
import { noSuchFunction } from './pg-errors.ts'
import { ABSENT_FUNCTIONS } from './known-functions.ts'

const MAX_BYTES = 512 * 1024

/** The bytes of a secret: its expression is cast to bytea, so a backslash in a text is an escape. */
export function secretValue(expression: string): Buffer {
  const tokens = tokenize(expression)
  const [first, second] = tokens
  if (first?.kind === 'word' && first.value === 'null') {
    throw planError('secret value can not be null')
  }
  if (first?.kind === 'word' && second?.value === '(' && ABSENT_FUNCTIONS.has(first.value)) {
    throw noSuchFunction(first.value)
  }
  if (first?.kind !== 'string' || tokens.length !== 2) {
    throw unknownHere('secrets other than a literal')
  }
  const bytes = byteaFromText(first.value)
  if (bytes.length > MAX_BYTES) throw planError('secrets can not be bigger than 512KiB')
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw planError('secret value must be valid UTF-8')
  }
  return bytes
}

/** Materialize puts what it could not read into its message. */
function invalid(reason: string, text: string): Error {
  const echoed = `"${text.replaceAll('"', '\\"')}"`
  return planError(`invalid input syntax for type bytea: ${reason}: ${echoed}`)
}

export function byteaFromText(text: string): Buffer {
  if (text.startsWith('\\x')) {
    const digits = text.slice(2).replace(/\s/g, '')
    const wrong = /[^0-9a-fA-F]/.exec(digits)
    if (wrong !== null) throw invalid(`invalid hexadecimal digit: "${wrong[0]}"`, text)
    if (digits.length % 2 === 1) throw unknownHere('an odd number of hexadecimal digits')
    return Buffer.from(digits, 'hex')
  }
  const chunks: Buffer[] = []
  for (let at = 0; at < text.length;) {
    if (text[at] !== '\\') {
      const next = text.indexOf('\\', at)
      const end = next === -1 ? text.length : next
      chunks.push(Buffer.from(text.slice(at, end), 'utf8'))
      at = end
    } else if (text[at + 1] === '\\') {
      chunks.push(Buffer.from('\\'))
      at += 2
    } else {
      const octal = /^[0-3][0-7]{2}/.exec(text.slice(at + 1, at + 4))
      if (octal === null) throw invalid('invalid escape sequence', text)
      chunks.push(Buffer.from([Number.parseInt(octal[0], 8)]))
      at += 4
    }
  }
  return Buffer.concat(chunks)
}
