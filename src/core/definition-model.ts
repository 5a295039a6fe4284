/** What a definition in Materialize’s catalog says, as structure that can be compared. */

/** A name as far as it is qualified. */
export interface PartialName {
  database?: string
  schema?: string
  name: string
}

/** Another object: by id and name as the catalog keeps it (a cluster by id alone), or by name. */
export interface Reference {
  id?: string
  /** Absent for a bare `[u1]` whose name the caller of readDefinition did not know. */
  name?: PartialName
}

export type Value =
  | { is: 'string'; value: string }
  /** As written: it may pass 2^53. */
  | { is: 'number'; value: string }
  | { is: 'boolean'; value: boolean }
  /** A bare word, in lower case: a keyword, or an unqualified name. */
  | { is: 'word'; value: string }
  | { is: 'interval'; value: string }
  | { is: 'secret'; reference: Reference }
  | { is: 'reference'; reference: Reference; options?: Options }
  | {
      is: 'broker'
      address: string
      /** The address is a pattern. */
      matching?: true
      through: string
      tunnel: Reference
      options?: Options
    }
  | { is: 'list'; values: Value[] }
  | { is: 'map'; entries: [string, Value][] }
  /** One option given several times. */
  | { is: 'repeated'; values: Value[] }
  /** An option without a value. */
  | { is: 'none' }
  /** Anything else: its tokens’ text, comments and spacing apart. */
  | { is: 'expression'; text: string }

/** Values by their option’s name in upper case. */
export type Options = Record<string, Value>

export interface Format {
  /** In lower case: bytes, text, json, csv, regex, avro, protobuf … */
  name: string
  /** COLUMNS, HEADER and DELIMITED BY; PATTERN; ARRAY; SCHEMA, MESSAGE, KEY STRATEGY … */
  parameters: Options
  /** The connection of a schema registry. */
  registry?: Reference
  /** In brackets behind the registry or schema. */
  options?: Options
  /** The schemas that the server took from the registry when the object was made. */
  seed?: Options
}

/** FORMAT, or KEY FORMAT and VALUE FORMAT. */
export interface Formats {
  format?: Format
  keyFormat?: Format
  valueFormat?: Format
}

export interface Include {
  /** In lower case: key, partition, offset, timestamp, headers, header. */
  kind: string
  header?: string
  alias?: string
  bytes?: true
}

export interface Envelope {
  /** In lower case: none, upsert, debezium … */
  name: string
  options: Options
}

/** The system at the other end, KAFKA as a rule. */
export interface External {
  /** In lower case. */
  type: string
  connection?: Reference
  options: Options
}

/** SQL as tokens: bare words in lower case, names as quoted as they were, comments dropped. */
export type Query = string[]

interface Named {
  name: PartialName
  /** Tokens of what was not understood. */
  other: string[]
}

export interface ConnectionDefinition extends Named {
  is: 'connection'
  /** In lower case: kafka, confluent schema registry … */
  type: string
  options: Options
  /** Of BROKER or BROKERS: their addresses. */
  brokers: string[]
  with: Options
}

export interface SourceDefinition extends Named, Formats {
  is: 'source'
  columns?: string[]
  cluster?: Reference
  from?: External
  includes: Include[]
  envelope: Envelope
  progress?: Reference
  with: Options
}

export interface SinkDefinition extends Named, Formats {
  is: 'sink'
  cluster?: Reference
  from?: Reference
  into?: External
  key?: { columns: string[]; notEnforced: boolean }
  headers?: string
  envelope?: Envelope
  with: Options
}

/** A table from a source, or a plain one. */
export interface TableDefinition extends Named, Formats {
  is: 'table'
  /** The columns’ definitions as they are written. */
  columns?: string
  source?: Reference
  /** REFERENCE, as a rule. */
  options: Options
  includes: Include[]
  envelope: Envelope
  with: Options
}

/** A progress relation, for one. */
export interface SubsourceDefinition extends Named {
  is: 'subsource'
  columns?: string
  with: Options
}

export interface ViewDefinition extends Named {
  is: 'materialized-view'
  columns?: string[]
  cluster?: Reference
  with: Options
  query: Query
}

export interface ClusterDefinition extends Named {
  is: 'cluster'
  options: Options
}

export type Definition =
  | ConnectionDefinition
  | SourceDefinition
  | SinkDefinition
  | TableDefinition
  | SubsourceDefinition
  | ViewDefinition
  | ClusterDefinition
