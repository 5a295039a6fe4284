import { cluster, either, map, object, value, whole } from './spec-shape.ts'

/** A count is decided by reading that many rows: what is larger is better counted by the query. */
const MOST = 100_000

const bound = whole({ from: 0, to: MOST })

const cell = { is: 'cell' } as const

const row = either('a list of values or a map of columns', [
  { is: 'list', of: cell, least: 0, repeats: true },
  map(cell, { keys: 'name', what: 'columns by name' }),
])

export const EXPECTATION = object('an expectation', {
  sql: {
    shape: value('query', ['text', 'file'], { secret: false }),
    needed: true,
    meaning: 'The query. Names in it are looked up in the schema of defaults first.',
  },
  rows: {
    shape: { is: 'list', of: row, least: 0, repeats: true },
    otherwise: 'count or empty says what is expected',
    meaning:
      'The rows, all of them, each with all its columns: { column: value, … }, or [value, …] in the columns’ order.',
  },
  ordered: {
    shape: { is: 'truth' },
    otherwise: 'the order of rows says nothing',
    meaning: 'true: the rows come in this order; the query then needs an ORDER BY.',
  },
  count: {
    shape: either(`a number from 0 to ${String(MOST)}, or { from: …, to: … }`, [
      bound,
      object('a count', {
        from: { shape: bound, otherwise: '0', meaning: 'At least so many.' },
        to: { shape: bound, otherwise: 'no end', meaning: 'At most so many.' },
      }),
    ]),
    otherwise: 'rows or empty says what is expected',
    meaning: 'How many rows.',
  },
  empty: {
    shape: { is: 'truth' },
    otherwise: 'rows or count says what is expected',
    meaning: 'true: no rows.',
  },
  within: {
    shape: { is: 'duration', range: { from: 1000, to: 6 * 3_600_000 } },
    otherwise: 'as long as the run may wait',
    meaning:
      'How long it may take to come to hold, counted from when sources and sinks are proven.',
  },
  cluster: { ...cluster, meaning: 'Cluster that answers.' },
})
