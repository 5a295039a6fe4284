import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cut, oneLine, redactor, secretForms } from '../../src/core/redact.ts'
import { literal, secretLiteral } from '../../src/core/sql.ts'

const nasty = ['a\\b-secret', '\\x41424344', `it's "q" $1;--`, 'naïve 🙂 pass', 'p@ss/w:rd%20 x']

describe('redaction', () => {
  const forms: { name: string; of: (secret: string) => string }[] = [
    { name: 'as it is', of: (s) => s },
    { name: 'SQL literal', of: literal },
    { name: 'hexadecimal literal', of: secretLiteral },
    { name: 'JSON', of: JSON.stringify },
    { name: 'JSON in a SQL literal', of: (s) => literal(JSON.stringify(s)) },
    { name: 'part of a URL', of: encodeURIComponent },
    { name: 'form value', of: (s) => encodeURIComponent(s).replaceAll('%20', '+') },
    { name: 'lower-case percent codes', of: (s) => encodeURIComponent(s).toLowerCase() },
  ]
  test.each(forms)('no secret is left: $name', ({ of }) => {
    for (const secret of nasty) {
      const safe = redactor([secret])(`before ${of(secret)} after`)
      expect(safe).toContain('***')
      expect(safe).not.toContain(secret)
      expect(safe).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })

  test('each line of a certificate is hidden by itself', () => {
    const pem = '-----BEGIN KEY-----\nMIIabcdefghijk\nlmnopqrstuv\n-----END KEY-----'
    expect(redactor([pem])('line MIIabcdefghijk of it')).toBe('line *** of it')
  })

  test('a longer secret is hidden whole, not by a shorter one inside it', () => {
    expect(redactor(['pass', 'password1'])('password1')).toBe('***')
  })

  test('a short secret is hidden, its pieces are not', () => {
    expect(secretForms('ab')).toEqual(['ab', '6162', '\\x6162'].sort((a, b) => b.length - a.length))
    expect(secretForms('   ')).toEqual([])
  })
})

describe('text from strangers as one line', () => {
  const cases = [
    { name: 'workflow command', text: '::error::boo', line: ': :error::boo' },
    {
      name: 'indented workflow command',
      text: '  ::set-output name=x::y',
      line: '  : :set-output name=x::y',
    },
    { name: 'old command anywhere', text: 'x ##[command]rm', line: 'x # #[command]rm' },
    { name: 'line break', text: 'a\n::error::b', line: 'a ::error::b' },
    { name: 'NUL and escape', text: 'a\u0000\u001b[31m', line: 'a\\u0000\\u001b[31m' },
    { name: 'text turned round', text: 'a\u202eb', line: 'a\\u202eb' },
  ]
  test.each(cases)('$name', ({ text, line }) => {
    expect(oneLine(text)).toBe(line)
  })

  test('no text is a command', () => {
    const part = fc.constantFrom(':', '::', '#', '##', '[', '\n', '\r', '\u2028', ' ', 'x', '\t')
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const line = oneLine(parts.join(''))
        expect(line).not.toMatch(/[\n\r\u2028]/)
        expect(line.trimStart()).not.toMatch(/^::/)
        expect(line).not.toContain('##[')
      }),
    )
  })

  test('cutting halves no character and says what it cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 5 }), fc.nat(20), (text, limit) => {
        const short = cut(text, limit)
        expect(short.isWellFormed()).toBe(true)
        if (text.length > limit) expect(short).toMatch(/\d+ more characters cut\)$/)
        else expect(short).toBe(text)
      }),
    )
  })
})
