import fc from 'fast-check'
import type {
  Definition,
  Envelope,
  Format,
  Include,
  Options,
  PartialName,
  Reference,
  Value,
} from '../../src/core/definition.ts'
import { readQuery } from '../../src/core/definition.ts'

/** Definitions of any kind, with names and strings that look like SQL. */

/** Fields that may be missing. */
function some<T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<
  Partial<T>
> {
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        "'",
        '.',
        '[',
        ']',
        '(',
        ')',
        ' AS ',
        '\\',
        '\n',
        '--',
        '/*',
        '*/',
        ';',
        '$$',
        'u7',
        '=',
        ',',
        'é',
        '🙂',
        "E'",
        '__proto__',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
)

const partialName: fc.Arbitrary<PartialName> = fc.oneof(
  fc.record({ name: text }),
  fc.record({ schema: text, name: text }),
  fc.record({ database: text, schema: text, name: text }),
)
const id = fc.nat(999).map((n) => `u${String(n)}`)
const reference: fc.Arbitrary<Reference> = fc.oneof(
  fc.record({ id, name: partialName }),
  fc.record({ name: partialName }),
  fc.record({ id }),
)
const string = fc.record({ is: fc.constant('string' as const), value: text })
const number = fc.record({ is: fc.constant('number' as const), value: fc.integer().map(String) })
const tunnelOptions: fc.Arbitrary<Options> = some({
  PORT: number,
  'AVAILABILITY ZONE': string,
}) as never

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    string,
    number,
    fc.record({ is: fc.constant('boolean' as const), value: fc.boolean() }),
    fc.record({
      is: fc.constant('word' as const),
      value: fc.constantFrom('plaintext', 'manual', 'sasl_ssl'),
    }),
    fc.record({ is: fc.constant('interval' as const), value: text }),
    fc.record({ is: fc.constant('secret' as const), reference }),
    fc.record({ is: fc.constant('reference' as const), reference, options: tunnelOptions }),
    fc.record({ is: fc.constant('reference' as const), reference }),
    fc.record({
      is: fc.constant('broker' as const),
      address: text,
      through: fc.constantFrom('ssh tunnel', 'aws privatelink'),
      tunnel: reference,
      options: tunnelOptions,
    }),
    fc.record({
      is: fc.constant('broker' as const),
      address: text,
      matching: fc.constant(true as const),
      through: fc.constant('aws privatelink'),
      tunnel: reference,
    }),
    fc.record({
      is: fc.constant('expression' as const),
      text: fc.constantFrom(
        'on commit',
        "for '1h'",
        '"a b" % 5',
        '[s1 AS "x"."y"] ( "]" )',
        'f ( a :: text )',
      ),
    }),
    fc.record({
      is: fc.constant('map' as const),
      entries: fc.array(fc.tuple(text, tie('value')), { maxLength: 3 }),
    }),
    fc.record({
      is: fc.constant('list' as const),
      values: fc.array(tie('value'), { maxLength: 3 }),
    }),
  ),
})).value

const optionName = fc.constantFrom(
  'TOPIC',
  'TOPIC CONFIG',
  'PARTITION BY',
  'START OFFSET',
  'SASL PASSWORD',
  'NEW THING',
  'SECRET X',
  'A B C D E F',
  'MAP',
)
export const options: fc.Arbitrary<Options> = fc.dictionary(
  optionName,
  fc.oneof(
    value,
    fc
      .array(value, { minLength: 2, maxLength: 3 })
      .map((values): Value => ({ is: 'repeated', values })),
  ),
  { maxKeys: 4, noNullPrototype: true },
)
/** Of options that have no value only those that no known name begins. */
const withFlags = fc
  .tuple(options, fc.boolean())
  .map(([all, flag]): Options => (flag ? { ...all, 'QUIET PLEASE': { is: 'none' } } : all))

const names = fc.array(text, { minLength: 1, maxLength: 3 })
const strategy: fc.Arbitrary<Value> = fc.constantFrom(
  { is: 'word', value: 'latest' } as const,
  { is: 'expression', text: 'id 5' } as const,
  { is: 'expression', text: "inline '[]'" } as const,
)
const csvHeader: fc.Arbitrary<Options> = names.map((all) => ({
  HEADER: { is: 'list', values: all.map((one) => ({ is: 'string', value: one })) },
}))
const format: fc.Arbitrary<Format> = fc.oneof(
  fc.record({ name: fc.constantFrom('bytes', 'text', 'json', 'xml'), parameters: fc.constant({}) }),
  fc.record({
    name: fc.constant('json'),
    parameters: fc.constant<Options>({ ARRAY: { is: 'none' } }),
  }),
  fc.record({
    name: fc.constant('regex'),
    parameters: fc.record({ PATTERN: string }) as fc.Arbitrary<Options>,
  }),
  fc.record({
    name: fc.constant('csv'),
    parameters: fc
      .tuple(
        fc.oneof(
          csvHeader,
          fc.constant<Options>({ HEADER: { is: 'none' } }),
          fc.constant<Options>({ COLUMNS: { is: 'number', value: '2' } }),
        ),
        some({ 'DELIMITED BY': string }) as fc.Arbitrary<Options>,
      )
      .map(([head, delimiter]) => ({ ...head, ...delimiter })),
  }),
  fc
    .tuple(
      fc.constantFrom('avro', 'protobuf'),
      some({
        MESSAGE: string,
        SCHEMA: string,
        'KEY STRATEGY': strategy,
        'VALUE STRATEGY': strategy,
      }),
      some({
        registry: reference,
        options: withFlags,
        seed: some({ 'KEY SCHEMA': string, 'VALUE SCHEMA': string }),
      }),
    )
    .map(([name, parameters, rest]) => ({ name, parameters, ...rest }) as Format),
)
const formats = fc.oneof(
  fc.record({ format }),
  fc.record({ keyFormat: format, valueFormat: format }),
  fc.constant({}),
)
const include: fc.Arbitrary<Include> = fc
  .tuple(
    fc.constantFrom('key', 'partition', 'offset', 'timestamp', 'headers', 'header'),
    some({ header: text, alias: text, bytes: fc.constant(true as const) }),
  )
  .map(([kind, rest]) => ({ kind, ...rest }))
const envelope: fc.Arbitrary<Envelope> = fc.record({
  name: fc.constantFrom('none', 'upsert', 'debezium'),
  options: withFlags,
})
const external = fc
  .tuple(
    fc.constantFrom('kafka', 'load generator counter'),
    fc.record({ options: withFlags }),
    some({ connection: reference }),
  )
  .map(([type, rest, connection]) => ({ type, ...rest, ...connection }))
const other = fc.constantFrom<string[]>([], ['frobnicate'], ['go', "'a]'", '(', 'x', ')'])

export const query = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'select',
        'from',
        'as',
        '(',
        ')',
        '[',
        ']',
        ',',
        '+',
        '::',
        '*',
        '.',
        'cast',
        'extract',
        'like',
        '-',
        '=>',
        'a',
        'date',
        'escape',
        'true',
        '12',
        '$1',
        '- -',
      ),
      text.map((one) => `"${one.replaceAll('"', '""')}"`),
      text.map((one) => `'${one.replaceAll("'", "''")}'`),
      fc.tuple(id, text).map(([of, one]) => `[${of} AS "${one.replaceAll('"', '""')}"."b"]`),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((parts) => readQuery(parts.join(' ')))
  .filter((one) => one !== undefined)

export const definition: fc.Arbitrary<Definition> = fc.oneof(
  fc.record({
    is: fc.constant('connection' as const),
    name: partialName,
    type: fc.constantFrom('kafka', 'confluent schema registry'),
    options: withFlags,
    brokers: fc.constant<string[]>([]),
    with: withFlags,
    other,
  }),
  fc
    .tuple(
      fc.record({
        is: fc.constant('source' as const),
        name: partialName,
        includes: fc.array(include, { maxLength: 3 }),
        envelope,
        with: withFlags,
        other,
      }),
      some({ columns: names, cluster: reference, from: external, progress: reference }),
      formats,
    )
    .map((parts) => Object.assign({}, ...parts) as Definition),
  fc
    .tuple(
      fc.record({
        is: fc.constant('sink' as const),
        name: partialName,
        envelope,
        with: withFlags,
        other,
      }),
      some({
        cluster: reference,
        from: reference,
        into: external,
        key: fc.record({ columns: names, notEnforced: fc.boolean() }),
        headers: text,
      }),
      formats,
    )
    .map((parts) => Object.assign({}, ...parts) as Definition),
  fc
    .tuple(
      fc.record({
        is: fc.constant('table' as const),
        name: partialName,
        source: reference,
        options: withFlags,
        includes: fc.array(include, { maxLength: 3 }),
        envelope,
        with: withFlags,
        other,
      }),
      formats,
    )
    .map((parts) => Object.assign({}, ...parts) as Definition),
  fc
    .tuple(
      fc.record({
        is: fc.constant('materialized-view' as const),
        name: partialName,
        with: withFlags,
        query,
        other: fc.constantFrom<string[]>([], ['as', 'of', '12']),
      }),
      some({ columns: names, cluster: reference }),
    )
    .map((parts) => Object.assign({}, ...parts) as Definition),
  fc.record({ is: fc.constant('cluster' as const), name: partialName, options: withFlags, other }),
)
