import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { alterSecret, createConnection, createSecret } from '../../src/core/sql-connection.ts'
import { createSink } from '../../src/core/sql-sink.ts'
import { createSource } from '../../src/core/sql-source.ts'
import { commentOn, ident, literal, literals, secretLiteral } from '../../src/core/sql.ts'
import { readComment } from '../../src/core/marker.ts'
import type { ConnectionSpec, SecretSpec } from '../../src/core/model-connection.ts'

const at = (name: string) => ({ database: 'materialize', schema: 'public', name })
const secret = (name: string, value = 'x'): SecretSpec => ({ name: at(name), value })

/** What Materialize's lexer makes of a quoted token, by its rules: the quote doubled, nothing else. */
function unquote(token: string, quote: string): string {
  const inner = token.slice(1, -1)
  expect(token.startsWith(quote) && token.endsWith(quote)).toBe(true)
  // A single quote inside would end the token early.
  expect(inner.replaceAll(quote + quote, '')).not.toContain(quote)
  return inner.replaceAll(quote + quote, quote)
}

describe('quoting', () => {
  test('any identifier comes back the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => unquote(ident(name), '"') === name),
    )
  })

  test('any string comes back the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => unquote(literal(text), "'") === text),
    )
  })

  test('any secret comes back the same through the hexadecimal form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const token = unquote(secretLiteral(value), "'")
        expect(token).toMatch(/^\\x([0-9a-f]{2})*$/)
        return Buffer.from(token.slice(2), 'hex').toString('utf8') === value
      }),
    )
  })

  test('a list for IN is never empty text', () => {
    expect(literals([])).toBe('(NULL)')
    expect(literals(["a'b", 'c'])).toBe("('a''b', 'c')")
  })
})

describe('secrets', () => {
  test('what may be shown never holds the value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), (value) => {
        fc.pre(!'CREATE ALTER SECRET "materialize"."public"."s" AS \'********\''.includes(value))
        for (const made of [createSecret(secret('s', value)), alterSecret(secret('s', value))]) {
          expect(made.shown).not.toContain(value)
          expect(made.shown).not.toContain(Buffer.from(value).toString('hex'))
        }
      }),
    )
  })
})

const connection: ConnectionSpec = {
  name: at('upstash'),
  kafka: {
    brokers: ['b1:9092'],
    protocol: 'SASL_SSL',
    sasl: { mechanism: 'SCRAM-SHA-256', username: 'u', password: 'p' },
  },
  secrets: { username: secret('upstash_username'), password: secret('upstash_password') },
}

describe('statements', () => {
  const cases: { name: string; made: string; text: string }[] = [
    {
      name: 'connection with one broker',
      made: createConnection(connection).text,
      text: `CREATE CONNECTION "materialize"."public"."upstash" TO KAFKA (BROKER 'b1:9092', SECURITY PROTOCOL = 'SASL_SSL', SASL MECHANISMS = 'SCRAM-SHA-256', SASL USERNAME = SECRET "materialize"."public"."upstash_username", SASL PASSWORD = SECRET "materialize"."public"."upstash_password") WITH (VALIDATE = false)`,
    },
    {
      name: 'connection with several brokers, a certificate authority and no login',
      made: createConnection({
        name: at('c'),
        kafka: { brokers: ['b1:9092', 'b2:9093'], protocol: 'SSL', ca: 'pem' },
        secrets: { ca: secret('c_ca', 'pem') },
      }).text,
      text: `CREATE CONNECTION "materialize"."public"."c" TO KAFKA (BROKERS ('b1:9092', 'b2:9093'), SECURITY PROTOCOL = 'SSL', SSL CERTIFICATE AUTHORITY = SECRET "materialize"."public"."c_ca") WITH (VALIDATE = false)`,
    },
    {
      name: 'source',
      made: createSource({
        name: at('hello'),
        connection: at('c'),
        topic: 'hello',
        format: 'bytes',
      }).text,
      text: `CREATE SOURCE "materialize"."public"."hello" FROM KAFKA CONNECTION "materialize"."public"."c" (TOPIC 'hello') FORMAT BYTES`,
    },
    {
      name: 'source in a cluster',
      made: createSource({
        name: at('He"llo'),
        connection: at('c'),
        topic: 'hello',
        format: 'json',
        cluster: 'in gest',
      }).text,
      text: `CREATE SOURCE "materialize"."public"."He""llo" IN CLUSTER "in gest" FROM KAFKA CONNECTION "materialize"."public"."c" (TOPIC 'hello') FORMAT JSON`,
    },
    {
      name: 'sink without a key',
      made: createSink({
        name: at('out'),
        from: at('hello'),
        connection: at('c'),
        topic: 'hello-out',
        format: 'json',
        envelope: 'debezium',
        key: [],
      }).text,
      text: `CREATE SINK "materialize"."public"."out" FROM "materialize"."public"."hello" INTO KAFKA CONNECTION "materialize"."public"."c" (TOPIC 'hello-out') FORMAT JSON ENVELOPE DEBEZIUM`,
    },
    {
      name: 'sink with a key',
      made: createSink({
        name: at('out'),
        from: at('v'),
        connection: at('c'),
        topic: 't',
        format: 'json',
        envelope: 'upsert',
        key: ['Region', 'a"b'],
        cluster: 'c1',
      }).text,
      text: `CREATE SINK "materialize"."public"."out" IN CLUSTER "c1" FROM "materialize"."public"."v" INTO KAFKA CONNECTION "materialize"."public"."c" (TOPIC 't') KEY ("Region", "a""b") FORMAT JSON ENVELOPE UPSERT`,
    },
  ]
  test.each(cases)('$name', ({ made, text }) => {
    expect(made).toBe(text)
  })

  test('a marker comes back from its comment, whatever the names hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (repository, key) => {
        const made = commentOn(
          { kind: 'source', name: at('s') },
          { own: 'a\nb', marker: { repository, key } },
        )
        const comment = unquote(made.text.slice(made.text.indexOf(' IS ') + 4), "'")
        expect(readComment(comment)).toEqual({ own: 'a\nb', marker: { repository, key } })
      }),
    )
  })

  test.each([
    ['no comment', null],
    ['a person’s words', 'made by hand'],
    ['JSON of somebody else', '{"manager":"terraform","repository":"a/b","key":"x"}'],
    ['broken JSON', '{"manager":'],
    ['a list', '[1]'],
    ['our name and no repository', '{"manager":"materialize-kafka-action"}'],
  ])('%s is no marker', (_name, comment) => {
    expect(readComment(comment)).toEqual({ own: comment ?? '' })
  })
})
