import type {
  Definition,
  Envelope,
  External,
  Format,
  Formats,
  Include,
  Options,
  Reference,
  Value,
} from './definition-model.ts'
import { type QueryContext, sameQuery } from './definition-same-query.ts'

/** Compares definitions by what they mean, as far as that needs no knowledge of defaults. */

export interface OptionDifference {
  option: string
  there: Value | undefined
  asked: Value | undefined
}

/** Options whose text is read without regard to case. */
const CASELESS = ['COMPRESSION TYPE', 'SASL MECHANISMS', 'SECURITY PROTOCOL']
/** Two names of one option. */
const SYNONYMS: Partial<Record<string, string>> = { BROKER: 'BROKERS', USER: 'USERNAME' }
const ANYWHERE: QueryContext = { database: '', schema: '' }

/**
 * By name, where both have one, since ids change when an object is made anew; a part that one of
 * them leaves out may be any.
 */
export function sameReference(a: Reference | undefined, b: Reference | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.name === undefined || b.name === undefined) return a.id !== undefined && a.id === b.id
  const same = (one: string | undefined, other: string | undefined): boolean =>
    one === undefined || other === undefined || one === other
  return (
    a.name.name === b.name.name &&
    same(a.name.schema, b.name.schema) &&
    same(a.name.database, b.name.database)
  )
}

/** A value that may be written as text, a word or a name alike. */
function plain(value: Value): string | undefined {
  switch (value.is) {
    case 'string':
    case 'number':
    case 'word':
    case 'interval':
      return value.value
    case 'boolean':
      return String(value.value)
    case 'none':
      return 'true'
    case 'reference': {
      const { id, name } = value.reference
      const isName = id === undefined && value.options === undefined
      return isName && name?.schema === undefined ? name?.name : undefined
    }
    default:
      return undefined
  }
}

function referenceOf(value: Value): Reference | undefined {
  if (value.is === 'reference') return value.reference
  return value.is === 'word' ? { name: { name: value.value } } : undefined
}

/** A list of one as that one. */
function alone(value: Value): Value {
  if (value.is !== 'list' && value.is !== 'repeated') return value
  const [first, ...others] = value.values
  return first === undefined || others.length > 0 ? value : alone(first)
}

function sameText(option: string, a: Value, b: Value): boolean | undefined {
  const one = plain(a)
  const other = plain(b)
  if (one === undefined || other === undefined) return undefined
  const isCaseless =
    CASELESS.includes(option) || [a, b].some(({ is }) => is === 'boolean' || is === 'none')
  return isCaseless ? one.toUpperCase() === other.toUpperCase() : one === other
}

function sameMap(option: string, a: [string, Value][], b: [string, Value][]): boolean {
  // The last of several counts.
  const [ones, others] = [new Map(a), new Map(b)]
  return (
    ones.size === others.size &&
    [...ones].every(([key, value]) => sameValue(option, value, others.get(key)))
  )
}

function sameList(option: string, a: Value[], b: Value[]): boolean {
  if (a.length !== b.length) return false
  if (option !== 'BROKERS') return a.every((value, at) => sameValue(option, value, b[at]))
  // Brokers are asked in any order.
  const rest = [...b]
  return a.every((value) => {
    const found = rest.findIndex((other) => sameValue(option, value, other))
    if (found >= 0) rest.splice(found, 1)
    return found >= 0
  })
}

function sameValue(option: string, left: Value | undefined, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  const [a, b] = [alone(left), alone(right)]
  const text = sameText(option, a, b)
  if (text !== undefined) return text
  const isList = (value: Value) => value.is === 'list' || value.is === 'repeated'
  if (isList(a) && isList(b)) {
    return 'values' in a && 'values' in b && sameList(option, a.values, b.values)
  }
  if (a.is === 'map' && b.is === 'map') return sameMap(option, a.entries, b.entries)
  if (a.is === 'secret' && b.is === 'secret') return sameReference(a.reference, b.reference)
  if (a.is === 'broker' && b.is === 'broker') {
    return (
      a.matching === b.matching &&
      a.address === b.address &&
      a.through === b.through &&
      sameReference(a.tunnel, b.tunnel) &&
      sameOptions(a.options, b.options)
    )
  }
  const expressions = [a, b].map((value) => (value.is === 'expression' ? value.text : plain(value)))
  if (a.is === 'expression' || b.is === 'expression') {
    const [one, other] = expressions
    return one !== undefined && other !== undefined && sameQuery(one, other, ANYWHERE)
  }
  const reference = referenceOf(a)
  return (
    reference !== undefined &&
    sameReference(reference, referenceOf(b)) &&
    sameOptions('options' in a ? a.options : undefined, 'options' in b ? b.options : undefined)
  )
}

function canonicalName(option: string): string {
  return SYNONYMS[option] ?? option
}

/** Whether two values of an option mean the same; a list of one is the same as that one. */
export function sameOption(option: string, a: Value | undefined, b: Value | undefined): boolean {
  return sameValue(canonicalName(option), a, b)
}

function canonical(options: Options | undefined): Options {
  const named = Object.entries(options ?? {}).map(([name, value]) => [canonicalName(name), value])
  return Object.fromEntries(named) as Options
}

/** The options that differ, by name; what a server takes when one is left out is the caller’s to know. */
export function optionsDiffer(
  there: Options | undefined,
  asked: Options | undefined,
): OptionDifference[] {
  const [present, wanted] = [canonical(there), canonical(asked)]
  return [...new Set([...Object.keys(present), ...Object.keys(wanted)])]
    .sort()
    .map((option) => ({ option, there: present[option], asked: wanted[option] }))
    .filter((one) => !sameOption(one.option, one.there, one.asked))
}

function sameOptions(a: Options | undefined, b: Options | undefined): boolean {
  return optionsDiffer(a, b).length === 0
}

function sameFormat(a: Format | undefined, b: Format | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    a.name === b.name &&
    sameReference(a.registry, b.registry) &&
    sameOptions(a.parameters, b.parameters) &&
    sameOptions(a.options, b.options)
  )
}

function sameFormats(a: Formats, b: Formats): boolean {
  return (
    sameFormat(a.format, b.format) &&
    sameFormat(a.keyFormat, b.keyFormat) &&
    sameFormat(a.valueFormat, b.valueFormat)
  )
}

function sameEnvelope(a: Envelope | undefined, b: Envelope | undefined): boolean {
  return a?.name === b?.name && sameOptions(a?.options, b?.options)
}

function sameExternal(a: External | undefined, b: External | undefined): boolean {
  return (
    a?.type === b?.type &&
    sameReference(a?.connection, b?.connection) &&
    sameOptions(a?.options, b?.options)
  )
}

function sameNames(a: string[] | undefined, b: string[] | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The order of INCLUDE is that of the columns. */
function sameIncludes(a: Include[], b: Include[]): boolean {
  const text = (includes: Include[]) =>
    includes.map(({ kind, header, alias, bytes }) => [kind, header, alias, bytes])
  return JSON.stringify(text(a)) === JSON.stringify(text(b))
}

function sameBody(a: Definition, b: Definition, context: QueryContext): boolean {
  if (a.is === 'connection' && b.is === 'connection') {
    return a.type === b.type && sameOptions(a.options, b.options)
  }
  if (a.is === 'source' && b.is === 'source') {
    return (
      sameNames(a.columns, b.columns) &&
      sameReference(a.cluster, b.cluster) &&
      sameExternal(a.from, b.from) &&
      sameFormats(a, b) &&
      sameIncludes(a.includes, b.includes) &&
      sameEnvelope(a.envelope, b.envelope) &&
      sameReference(a.progress, b.progress)
    )
  }
  if (a.is === 'sink' && b.is === 'sink') {
    return (
      sameReference(a.cluster, b.cluster) &&
      sameReference(a.from, b.from) &&
      sameExternal(a.into, b.into) &&
      sameFormats(a, b) &&
      sameNames(a.key?.columns, b.key?.columns) &&
      a.key?.notEnforced === b.key?.notEnforced &&
      a.headers === b.headers &&
      sameEnvelope(a.envelope, b.envelope)
    )
  }
  if (a.is === 'table' && b.is === 'table') {
    return (
      sameQuery(a.columns ?? '', b.columns ?? '', context) &&
      sameReference(a.source, b.source) &&
      sameOptions(a.options, b.options) &&
      sameFormats(a, b) &&
      sameIncludes(a.includes, b.includes) &&
      sameEnvelope(a.envelope, b.envelope)
    )
  }
  if (a.is === 'subsource' && b.is === 'subsource') {
    return sameQuery(a.columns ?? '', b.columns ?? '', context)
  }
  if (a.is === 'materialized-view' && b.is === 'materialized-view') {
    return (
      sameNames(a.columns, b.columns) &&
      sameReference(a.cluster, b.cluster) &&
      sameQuery(a.query, b.query, context)
    )
  }
  return a.is === 'cluster' && b.is === 'cluster' && sameOptions(a.options, b.options)
}

/** Whether two definitions say the same of one object, ids apart. */
export function sameDefinition(
  a: Definition,
  b: Definition,
  context: QueryContext = ANYWHERE,
): boolean {
  const withs = [a, b].map((one) => ('with' in one ? one.with : undefined))
  return (
    sameReference({ name: a.name }, { name: b.name }) &&
    sameBody(a, b, context) &&
    sameOptions(withs[0], withs[1]) &&
    sameQuery(a.other, b.other, context)
  )
}
