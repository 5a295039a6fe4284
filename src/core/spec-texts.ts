import { brokers } from './brokers.ts'
import { MAX_NAME_BYTES, parseIdentifier, parseTopic } from './names.ts'
import {
  accept,
  parseCertificates,
  parseLine,
  parsePrivateKey,
  parseText,
  refuse,
  type Parsed,
} from './parse.ts'
import { EXPECTABLE, queryFault, VIEWABLE } from './spec-sql.ts'
import * as formats from './spec-texts-format.ts'

/** A kind of text: how it is called, how it is read, and what of that JSON Schema can say. */
interface TextRule {
  takes: string
  parse: (text: string) => Parsed<string>
  schema: Readonly<Record<string, unknown>>
}

/** One entry of a list of brokers. What is wrong with it is said in the words of this file. */
function parseBroker(text: string): Parsed<string> {
  const allowed = 'host:port'
  if (text.includes('@')) {
    return refuse('has an @ in it; a login goes into username and password', { allowed })
  }
  if (text.includes('://')) {
    return refuse('has a scheme in it; what it says goes into protocol', { allowed })
  }
  if (/[,\r\n]/.test(text)) return refuse('has more than one entry in it', { allowed })
  const parsed = brokers(9092)(text)
  if ('refusal' in parsed) return refuse(parsed.refusal.fault, { allowed })
  // Without a port, that of its provider is meant.
  return accept(text.includes(':') ? parsed.value.join('') : text.trim())
}

/** A pattern of addresses: only its ends may be open. */
function parsePattern(text: string): Parsed<string> {
  return /^\*?[^*\s,]+\*?$/.test(text)
    ? parseText(text)
    : refuse('is not a pattern of addresses', {
        allowed: 'part of an address, with a * at its beginning, at its end or at both',
      })
}

/** What Materialize takes as the URL of a schema registry. */
function parseUrl(text: string): Parsed<string> {
  const allowed = 'https://host:port, without a path'
  if (!URL.canParse(text)) return refuse('is not a URL', { allowed })
  const url = new URL(text)
  if (!['http:', 'https:'].includes(url.protocol)) {
    return refuse('is not a URL of http or https', { allowed })
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('has a login in it, which goes into username and password', { allowed })
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return refuse('has a path, which Materialize does not take', { allowed })
  }
  return accept(text)
}

const parseSql =
  (beginnings: readonly string[]) =>
  (text: string): Parsed<string> => {
    const sql = text.trim().replace(/\s*;$/, '')
    const fault = queryFault(sql, beginnings)
    const words = beginnings.map((word) => word.toUpperCase()).join(', ')
    return fault === undefined
      ? parseText(sql)
      : refuse(fault, { allowed: `one query, from ${words} or ( on` })
  }

/** Within quotes of a shell or not, this is what every runner can carry. */
function parseVariable(text: string): Parsed<string> {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
    ? accept(text)
    : refuse('is not the name of an environment variable', {
        allowed: 'letters, digits and underscores, and no digit first',
      })
}

function parsePath(text: string): Parsed<string> {
  return text === '' ? refuse('is empty', { allowed: 'the path of a file' }) : parseLine(text)
}

/** Only its own objects are known when a name is read: spec-references.ts takes it apart. */
function parseRelation(text: string): Parsed<string> {
  return text === '' ? refuse('is empty', { allowed: 'a name' }) : parseText(text)
}

function parseSetting(text: string): Parsed<string> {
  return /^[A-Za-z][A-Za-z0-9._-]*$/.test(text)
    ? accept(text)
    : refuse('is not a setting’s name', {
        allowed: 'letters, digits, dots, underscores and hyphens, and a letter first',
      })
}

/** One line break at the end is what `echo` and editors add; nobody has it in a password. */
function parsePassword(text: string): Parsed<string> {
  return parseText(text.replace(/\r?\n$/, ''))
}

const trimmed =
  (parse: (text: string) => Parsed<string>) =>
  (text: string): Parsed<string> =>
    parse(text.trim())

const DURATION = { pattern: '^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$', minLength: 2 }

export const TEXTS = {
  name: {
    takes: 'literal name',
    parse: parseIdentifier,
    schema: { minLength: 1, maxLength: MAX_NAME_BYTES },
  },
  topic: {
    takes: 'topic',
    parse: parseTopic,
    schema: { pattern: '^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}$' },
  },
  relation: { takes: 'name', parse: parseRelation, schema: { minLength: 1 } },
  broker: { takes: 'host:port', parse: parseBroker, schema: { minLength: 1, pattern: '^[^@,]+$' } },
  pattern: {
    takes: 'pattern',
    parse: parsePattern,
    schema: { pattern: '^\\*?[^*\\s,]+\\*?$' },
  },
  url: { takes: 'URL', parse: trimmed(parseUrl), schema: { pattern: '^https?://[^/@]+/?$' } },
  key: { takes: 'secret', parse: trimmed(parsePrivateKey), schema: {} },
  username: { takes: 'text', parse: trimmed(parseLine), schema: { minLength: 1 } },
  password: { takes: 'secret', parse: parsePassword, schema: {} },
  pem: { takes: 'PEM text', parse: trimmed(parseCertificates), schema: { minLength: 1 } },
  sql: { takes: 'query', parse: parseSql(VIEWABLE), schema: { minLength: 1 } },
  query: { takes: 'query', parse: parseSql(EXPECTABLE), schema: { minLength: 1 } },
  comment: { takes: 'text', parse: parseText, schema: {} },
  size: { takes: 'size', parse: parseIdentifier, schema: { minLength: 1 } },
  setting: {
    takes: 'setting',
    parse: parseSetting,
    schema: { pattern: '^[A-Za-z][A-Za-z0-9._-]*$' },
  },
  env: {
    takes: 'environment variable',
    parse: parseVariable,
    schema: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
  },
  regex: { takes: 'regular expression', parse: formats.parsePattern, schema: { minLength: 1 } },
  delimiter: {
    takes: 'one character',
    parse: formats.parseDelimiter,
    schema: { minLength: 1, maxLength: 1 },
  },
  'avro-schema': {
    takes: 'Avro schema as JSON',
    parse: formats.parseAvroSchema,
    schema: { minLength: 1 },
  },
  descriptors: {
    takes: 'hexadecimal digits',
    parse: formats.parseDescriptors,
    schema: { pattern: '^(\\\\x)?([0-9a-fA-F]{2})+$' },
  },
  message: { takes: 'message', parse: formats.parseMessage, schema: { minLength: 1 } },
  fullname: { takes: 'name in Avro', parse: formats.parseFullname, schema: { minLength: 1 } },
  header: { takes: 'key of a header', parse: formats.parseHeader, schema: { minLength: 1 } },
  prefix: { takes: 'prefix', parse: formats.parsePrefix, schema: { minLength: 1 } },
  refresh: { takes: 'duration', parse: formats.parseRefresh, schema: DURATION },
  span: { takes: 'duration', parse: formats.parseSpan, schema: DURATION },
  tick: { takes: 'duration', parse: formats.parseTick, schema: DURATION },
  start: { takes: 'milliseconds, time, or how long ago', parse: formats.parseStart, schema: {} },
  expression: {
    takes: 'SQL expression',
    parse: formats.parseExpression,
    schema: { minLength: 1 },
  },
  doc: { takes: 'text', parse: parseText, schema: {} },
  file: { takes: 'path', parse: parsePath, schema: { minLength: 1 } },
} as const satisfies Record<string, TextRule>

export type TextKind = keyof typeof TEXTS
