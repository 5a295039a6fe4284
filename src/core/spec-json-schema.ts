import type { Range } from './parse.ts'
import { FILE } from './spec-schema.ts'
import type { Key, Shape } from './spec-shape.ts'
import { TEXTS } from './spec-texts.ts'

type Json = Readonly<Record<string, unknown>>

/** The file’s shape as a JSON Schema, by which editors complete and check it. */
export function specJsonSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Kafka pipelines in Materialize',
    description: 'What should be there; docs/spec.md explains it.',
    ...schemaOf(FILE),
    $defs: definitions(),
  }
}

/** What may be a word or a map stands in many places: it is written once. */
function definitions(): Json {
  const found: Record<string, Json> = {}
  const visit = (shape: Shape): void => {
    if (shape.is === 'list' || shape.is === 'map') visit(shape.of)
    if (shape.is === 'object') for (const { shape: of } of Object.values(shape.keys)) visit(of)
    if (shape.is === 'either') for (const one of shape.of) visit(one)
    if (shape.is !== 'form' || Object.hasOwn(found, slug(shape.what))) return
    found[slug(shape.what)] = formSchema(shape)
    for (const { shape: of } of Object.values(shape.forms)) visit(of)
  }
  visit(FILE)
  return found
}

function slug(what: string): string {
  return what.replace(/^an? /, '').replaceAll(' ', '-')
}

function schemaOf(shape: Shape): Json {
  switch (shape.is) {
    case 'text':
      return { type: 'string', ...TEXTS[shape.kind].schema }
    case 'word':
      return { type: 'string', enum: shape.words }
    case 'whole':
      return wholeSchema(shape.range)
    case 'setting':
      return shape.kind
        ? { type: ['string', 'number'], ...TEXTS[shape.kind].schema }
        : { type: ['string', 'number', 'boolean'] }
    case 'form':
      return { $ref: `#/$defs/${slug(shape.what)}` }
    case 'value':
      return valueSchema(shape)
    case 'list':
      return {
        type: 'array',
        ...(shape.least > 0 && { minItems: shape.least }),
        // Offsets may be the same in several partitions.
        ...(!shape.repeats && shape.of.is !== 'whole' && { uniqueItems: true }),
        items: schemaOf(shape.of),
      }
    case 'map':
      return {
        type: 'object',
        propertyNames: TEXTS[shape.keys].schema,
        additionalProperties: schemaOf(shape.of),
      }
    case 'object':
      return objectSchema(Object.entries(shape.keys))
    case 'truth':
      return { type: 'boolean' }
    case 'duration':
      return { type: 'string', pattern: '^(?=.)([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$' }
    case 'cell':
      return {}
    case 'either':
      return { anyOf: shape.of.map(schemaOf) }
  }
}

function objectSchema(keys: [string, Key][]): Json {
  const required = keys.filter(([, key]) => key.needed).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(keys.map(([name, key]) => [name, keySchema(key)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

function keySchema(key: Key): Json {
  const absent = key.otherwise === undefined ? '' : ` If left out: ${key.otherwise}.`
  return {
    description: key.meaning + absent,
    ...schemaOf(key.shape),
    ...(key.default !== undefined && { default: key.default }),
  }
}

function formSchema({ words, forms }: Extract<Shape, { is: 'form' }>): Json {
  const maps = Object.entries(forms).map(([name, form]) =>
    objectSchema([[name, { ...form, needed: true }]]),
  )
  return { anyOf: [...(words.length > 0 ? [{ type: 'string', enum: words }] : []), ...maps] }
}

function wholeSchema({ from, to, also }: Range): Json {
  const range = { type: 'integer', minimum: from, maximum: to }
  return also ? { anyOf: [{ const: also.value, description: also.meaning }, range] } : range
}

function valueSchema(shape: Extract<Shape, { is: 'value' }>): Json {
  const forms = shape.from.map((origin) =>
    origin === 'text'
      ? schemaOf({ is: 'text', kind: shape.kind })
      : origin === 'clear'
        ? objectSchema([['text', { ...CLEAR, shape: { is: 'text', kind: shape.kind } }]])
        : objectSchema([[origin, ORIGINS[origin]]]),
  )
  const [only] = forms
  return only && forms.length === 1 ? only : { anyOf: forms }
}

const CLEAR = { needed: true, meaning: 'Text that stays readable in Materialize.' } as const

const ORIGINS = {
  env: {
    shape: { is: 'text', kind: 'env' },
    needed: true,
    meaning: 'Environment variable that holds it.',
  },
  file: { shape: { is: 'text', kind: 'file' }, needed: true, meaning: 'File that holds it.' },
} as const satisfies Record<'env' | 'file', Key>
