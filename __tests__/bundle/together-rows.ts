import { type Attribute, connections, type TogetherRow } from './together-row.ts'
import { sources, tables } from './together-rows-read.ts'
import { sinks } from './together-rows-written.ts'

const of = (kind: TogetherRow['kind'], attributes: Attribute[]): TogetherRow[] =>
  attributes.map((attribute) => ({ kind, ...attribute }))

/** Every row that is tried together with all others. */
export const TOGETHER: TogetherRow[] = [
  ...of('connection', connections),
  ...of('source', sources),
  ...of('table', tables),
  ...of('sink', sinks),
]
