import type { Expected, ExpectationSpec, ExpectedRow } from './model-expectation.ts'
import type { Entry, SpecScope } from './spec-scope.ts'

type Read = Entry<'expect'>
type RowsRead = NonNullable<Read['value']['rows']>

const KINDS = ['rows', 'count', 'empty'] as const

interface Subject {
  scope: SpecScope
  /** What messages call the expectation. */
  path: string
}

/** An expectation of the file by its name. */
export function buildExpectation(scope: SpecScope, [name, read]: [string, Read]): ExpectationSpec {
  const { value } = read
  const path = scope.path('expect', name)
  return {
    name,
    within: scope.within,
    sql: value.sql?.value ?? '',
    expected: expectedOf(read, { scope, path }),
    ...(value.within && { withinMs: value.within.value }),
    ...scope.clusterOf(value),
  }
}

function expectedOf(read: Read, subject: Subject): Expected {
  const { value, given } = read
  const { faults } = subject.scope
  const [kind, second] = KINDS.filter((one) => given.has(one))
  if (kind === undefined) {
    faults.add(read.keyAt, `${subject.path} says not what to expect; give it rows, count or empty`)
  }
  if (kind !== undefined && second !== undefined) {
    faults.add(given.get(second) ?? 0, `${subject.path} has both ${kind} and ${second}; give one`)
  }
  const ordered = given.get('ordered')
  if (ordered !== undefined && kind !== 'rows') {
    faults.add(ordered, `${subject.path}.ordered has no use without ${subject.path}.rows`)
  }
  if (value.empty && !value.empty.value) {
    faults.add(
      value.empty.at,
      `${subject.path}.empty can only be true; leave it out, or give count`,
    )
  }
  if (value.rows) {
    return { is: 'rows', rows: rowsOf(value.rows, subject), ordered: value.ordered?.value ?? false }
  }
  return value.count ? countOf(value.count, subject) : { is: 'rows', rows: [], ordered: false }
}

function countOf(
  { value, given, at }: NonNullable<Read['value']['count']>,
  { scope, path }: Subject,
): Expected {
  if (typeof value === 'number') return { is: 'count', from: value, to: value }
  const from = value.from?.value ?? 0
  const to = value.to?.value
  const isRefused = (given.has('from') && !value.from) || (given.has('to') && !value.to)
  if (from === 0 && to === undefined && !isRefused) {
    scope.faults.add(at, `${path}.count fits any number of rows; give from, to or both`)
  }
  if (value.to && from > value.to.value) {
    scope.faults.add(value.to.at, `${path}.count.to is below from, so that no count fits`)
  }
  return { is: 'count', from, ...(to !== undefined && { to }) }
}

/** Rows of one query have the same columns, whatever they are called. */
function rowsOf(read: RowsRead, { scope, path }: Subject): ExpectedRow[] {
  const rows = read.value.map(({ value }): ExpectedRow =>
    Array.isArray(value)
      ? value.map((cell) => cell.value)
      : new Map([...value].map(([column, cell]) => [column, cell.value])),
  )
  const first = rows.find((row) => row instanceof Map)
  for (const [index, row] of rows.entries()) {
    const widths = [row, rows[0] ?? []].map((one) => (Array.isArray(one) ? one.length : one.size))
    const isStrange = row instanceof Map && [...row.keys()].some((name) => !first?.has(name))
    if (widths[0] === widths[1] && !isStrange) continue
    scope.faults.add(
      read.value[index]?.at ?? 0,
      `${path}.rows: the columns of row ${String(index + 1)} are not those of the rows before it`,
    )
    break
  }
  return rows
}
