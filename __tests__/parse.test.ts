import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { duration, printDuration } from '../src/core/duration.ts'
import {
  alternatives,
  choice,
  distance,
  integer,
  looseChoice,
  nearest,
  parseBoolean,
  parseCertificates,
  parseLine,
  parseList,
  type Parsed,
} from '../src/core/parse.ts'

/** The value, or the fault as text: short enough for a table. */
function outcome(parsed: Parsed<unknown>): unknown {
  return 'value' in parsed ? parsed.value : `refused: ${parsed.refusal.fault}`
}

const certificate = '-----BEGIN CERTIFICATE-----\nTWF0ZXJp\nYWxpemU=\n-----END CERTIFICATE-----'

describe('words', () => {
  const mode = choice(['verify-full', 'disable', 'no-verify'])

  test('are taken letter for letter', () => {
    expect(outcome(mode('disable'))).toBe('disable')
    expect(outcome(mode('Disable'))).toMatch(/^refused/)
    expect(outcome(mode(''))).toMatch(/^refused/)
  })

  test.each([
    ['verify_full', 'verify-full'],
    ['DISABLE', 'disable'],
    ['noverify', 'no-verify'],
    ['disbale', 'disable'],
  ])('%s gets the suggestion %s', (text, meant) => {
    const parsed = mode(text)
    expect('refusal' in parsed && parsed.refusal.allowed).toBe(
      `verify-full, disable or no-verify (did you mean ${meant}?)`,
    )
  })

  test('far from all of them get no suggestion', () => {
    expect(nearest('require', ['verify-full', 'disable', 'no-verify'])).toBeUndefined()
    expect(nearest('x', ['json'])).toBeUndefined()
    expect(nearest('a'.repeat(1_000_000), ['json'])).toBeUndefined()
  })

  test('of Kafka are taken in any case, with - for _', () => {
    const protocol = looseChoice(['SASL_SSL', 'SSL'])
    expect(outcome(protocol('sasl-ssl'))).toBe('SASL_SSL')
    expect(outcome(looseChoice(['SCRAM-SHA-256'])('scram_sha_256'))).toBe('SCRAM-SHA-256')
    expect(outcome(protocol('SASL SSL'))).toMatch(/^refused/)
  })

  test('are listed as a sentence has them', () => {
    expect(alternatives(['a'])).toBe('a')
    expect(alternatives(['a', 'b'])).toBe('a or b')
    expect(alternatives(['a', 'b', 'c'])).toBe('a, b or c')
  })
})

describe('the distance of two words', () => {
  test.each([
    ['', '', 0],
    ['json', '', 4],
    ['json', 'jsno', 1],
    ['json', 'jso', 1],
    ['json', 'bson', 1],
    ['bytes', 'text', 4],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(distance(a, b)).toBe(expected)
  })

  test('is the same both ways, and nothing only from a word to itself', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') })
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a))
        expect(distance(a, b) === 0).toBe(a === b)
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})

describe('true and false', () => {
  test.each(['True', 'TRUE', 'yes', '1', 'on', 'truee'])('%s is neither', (text) => {
    expect(outcome(parseBoolean(text))).toMatch(/^refused/)
  })

  test('are read', () => {
    expect(outcome(parseBoolean('true'))).toBe(true)
    expect(outcome(parseBoolean('false'))).toBe(false)
  })
})

describe('whole numbers', () => {
  const count = integer({ from: 1, to: 99, also: { value: -1, meaning: 'any' } })

  test.each(['0', '100', '-2', '1.5', '1e1', '0x10', '12abc', '007', '+5', ' 5', '1_0', '٣', ''])(
    '%p is refused',
    (text) => {
      expect(outcome(count(text))).toMatch(/^refused/)
    },
  )

  test('and the one exception are read', () => {
    expect(outcome(count('-1'))).toBe(-1)
    expect(outcome(count('1'))).toBe(1)
    expect(outcome(count('99'))).toBe(99)
  })

  test('of the range are taken and others are not', () => {
    const wide = integer({ from: 0, to: 1000 })
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), (n) => {
        expect('value' in wide(String(n))).toBe(n >= 0 && n <= 1000)
      }),
    )
  })
})

describe('durations', () => {
  const timeout = duration({ from: 1000, to: 6 * 3_600_000 })

  test.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1500ms', 1500],
    ['0h5m', 300_000],
    ['1m500ms', 60_500],
    ['6h', 21_600_000],
    ['1s', 1000],
  ])('%s is %i ms', (text, ms) => {
    expect(outcome(timeout(text))).toBe(ms)
  })

  test.each([
    ['300', 'refused: has no unit'],
    ['5 m', 'refused: is not a duration'],
    ['5m1h', 'refused: is not a duration'],
    ['1m1m', 'refused: is not a duration'],
    ['1.5h', 'refused: is not a duration'],
    ['-5m', 'refused: is not a duration'],
    ['5M', 'refused: is not a duration'],
    ['5min', 'refused: is not a duration'],
    ['', 'refused: is not a duration'],
    ['999ms', 'refused: is too short or too long'],
    ['6h1ms', 'refused: is too short or too long'],
    ['9999999999999999999h', 'refused: is not a duration'],
  ])('%p: %s', (text, expected) => {
    expect(outcome(timeout(text))).toBe(expected)
  })

  test('are read as they are printed', () => {
    const any = duration({ from: 0, to: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000_000 }), (ms) => {
        expect(outcome(any(printDuration(ms)))).toBe(ms)
      }),
    )
  })
})

describe('lists', () => {
  test.each([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a , b ', ['a', 'b']],
    ['a\nb\n', ['a', 'b']],
    ['a\r\n\r\nb', ['a', 'b']],
    ['a,\nb', ['a', 'b']],
  ])('%p', (text, expected) => {
    expect(outcome(parseList(text))).toEqual(expected)
  })

  test.each(['a,,b', ',a', 'a,', 'a, \n ,b', ''])('%p has an empty entry', (text) => {
    expect(outcome(parseList(text))).toBe('refused: has an empty entry')
  })

  test('give back what was joined, with either separator', () => {
    const entry = fc.stringMatching(/^[a-z0-9.:-]{1,10}$/)
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1 }),
        fc.constantFrom(',', '\n', ' ,\r\n'),
        (e, s) => {
          expect(outcome(parseList(e.join(s)))).toEqual(e)
        },
      ),
    )
  })
})

describe('certificates', () => {
  test('are taken, several too, with what stands between', () => {
    const two = `# root\n${certificate}\nintermediate\n${certificate}`
    expect(outcome(parseCertificates(certificate))).toBe(certificate)
    expect(outcome(parseCertificates(two))).toBe(two)
    const windows = certificate.replaceAll('\n', '\r\n')
    expect(outcome(parseCertificates(windows))).toBe(windows)
  })

  test.each([
    ['written-out line breaks', certificate.replaceAll('\n', '\\n'), 'has \\n written out'],
    ['line breaks lost', certificate.replaceAll('\n', ' '), 'is damaged'],
    ['no end', certificate.slice(0, -10), 'is damaged'],
    ['a second one without end', `${certificate}\n${certificate.slice(0, -10)}`, 'is damaged'],
    ['no base64', certificate.replace('TWF0', '{}!?'), 'is damaged'],
    ['nothing in it', certificate.replace(/TWF[^-]*/, ''), 'is damaged'],
    ['a file name', '/etc/ssl/ca.pem', 'holds no certificate'],
    ['a key', certificate.replaceAll('CERTIFICATE', 'PRIVATE KEY'), 'holds a private key'],
    [
      'a certificate and its key',
      `${certificate}\n-----BEGIN EC PRIVATE KEY-----\nTWF0\n-----END EC PRIVATE KEY-----`,
      'holds a private key',
    ],
  ])('%s', (_, text, fault) => {
    expect(outcome(parseCertificates(text))).toMatch(`refused: ${fault}`)
  })

  test('are never quoted in what is said of them', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, unit: 'grapheme' }), (text) => {
        const parsed = parseCertificates(`secret-${text}`)
        expect('refusal' in parsed && JSON.stringify(parsed)).not.toContain('secret-')
      }),
    )
  })
})

test('one line of text is one line', () => {
  expect(outcome(parseLine('a\tb'))).toBe('a\tb')
  expect(outcome(parseLine('a\nb'))).toBe('refused: holds a line break')
  expect(outcome(parseLine('a\0b'))).toBe('refused: holds a NUL')
})
