import { comparable } from './exact.ts'
import { Failure } from './failure.ts'
import type { Cell, Expected, ExpectedRow } from './model-expectation.ts'
import type { ExpectationReport } from './report.ts'
import { columnNames, type Row, rowObject } from './rows.ts'
import { show } from './show.ts'

/** Rows to keep of those that are not as expected. */
const MOST_KEPT = 5
/** Expectations whose failure is told in full, and columns that are named. */
const MOST_TOLD = 5
const MOST_COLUMNS = 8

/** What was read of a query’s answer: no more rows than are needed to decide. */
export interface Answer {
  fields: { name: string; type: number }[]
  /** In the order they came; for a count only the first of them. */
  rows: Cell[][]
  /** How many were read. */
  count: number
  /** There was more text than is held, and so the rows are not all of them. */
  tooLarge: boolean
}

export type Judgement =
  | { holds: true; because: string }
  | {
      holds: false
      /** No value of a row is in it. */
      because: string
      /** It cannot come to hold: the spec asks for columns that the query does not have. */
      isWrong: boolean
      seen: Row[]
      missing: Row[]
    }

/** How many rows to read at most: one more than can be right. */
export function rowsToDecide(expected: Expected): number {
  if (expected.is === 'rows') return expected.rows.length + 1
  return expected.to === undefined ? expected.from : expected.to + 1
}

/** How many of them to keep. */
export function rowsToKeep(expected: Expected): number {
  return expected.is === 'rows' ? rowsToDecide(expected) : MOST_KEPT
}

export function judge(expected: Expected, answer: Answer): Judgement {
  return expected.is === 'count' ? judgeCount(expected, answer) : judgeRows(expected, answer)
}

function judgeCount(
  { from, to }: Extract<Expected, { is: 'count' }>,
  { count, fields, rows }: Answer,
): Judgement {
  if (count >= from && (to === undefined || count <= to)) {
    return { holds: true, because: `${to === undefined ? 'at least ' : ''}${rowCount(count)} came` }
  }
  const came = to !== undefined && count > to ? `more than ${rowCount(to)}` : rowCount(count)
  return {
    holds: false,
    because: `${came} came, and ${countText(from, to)} expected`,
    isWrong: false,
    seen: rows.slice(0, MOST_KEPT).map((row) => rowObject(fields, row)),
    missing: [],
  }
}

function countText(from: number, to: number | undefined): string {
  if (to === undefined) return `at least ${String(from)} ${from === 1 ? 'is' : 'are'}`
  if (from === to) return `${String(from)} ${from === 1 ? 'is' : 'are'}`
  return `${String(from)} to ${String(to)} are`
}

function judgeRows(
  { rows: asked, ordered }: Extract<Expected, { is: 'rows' }>,
  answer: Answer,
): Judgement {
  const { fields } = answer
  const names = columnNames(fields)
  const not = (because: string, more: Partial<Judgement & { holds: false }> = {}): Judgement => ({
    holds: false,
    because,
    isWrong: false,
    seen: [],
    missing: [],
    ...more,
  })
  for (const [index, row] of asked.entries()) {
    const fault = columnFault(row, names)
    if (fault !== undefined) return not(`row ${String(index + 1)} ${fault}`, { isWrong: true })
  }
  if (answer.tooLarge) return not('the answer is larger than what is compared')
  const keyOf = (cells: readonly Cell[]): string =>
    JSON.stringify(
      fields.map(({ type }, index) => {
        const cell = cells[index] ?? null
        return cell === null ? null : comparable(type, cell)
      }),
    )
  const wanted = asked.map((row) => inOrder(row, names))
  const wantedKeys = wanted.map(keyOf)
  const gotKeys = answer.rows.map(keyOf)
  const missing = without(wantedKeys, gotKeys)
  const unexpected = without(gotKeys, wantedKeys)
  const differing = {
    seen: unexpected.slice(0, MOST_KEPT).map((at) => rowObject(fields, answer.rows[at] ?? [])),
    missing: missing.slice(0, MOST_KEPT).map((at) => rowOf(names, wanted[at] ?? [])),
  }
  if (answer.rows.length > asked.length) {
    // What is missing may be among the rows that were not read.
    const more = asked.length === 0 ? 'rows came' : `more than ${rowCount(asked.length)} came`
    return not(`${more}, and ${asked.length === 0 ? 'none are' : 'no more are'} expected`, {
      ...differing,
      missing: [],
    })
  }
  if (missing.length > 0 || unexpected.length > 0) {
    const came = answer.rows.length === 0 ? 'no rows came' : `${rowCount(answer.rows.length)} came`
    const parts = [
      ...(missing.length > 0 ? [`${String(missing.length)} missing`] : []),
      ...(unexpected.length > 0 ? [`${String(unexpected.length)} not expected`] : []),
    ]
    return not(`${came}, of ${String(asked.length)} expected: ${parts.join(', ')}`, differing)
  }
  const turned = ordered ? wantedKeys.findIndex((key, at) => key !== gotKeys[at]) : -1
  if (turned !== -1) {
    return not(`the rows came in another order, from row ${String(turned + 1)} on`)
  }
  return {
    holds: true,
    because: asked.length === 0 ? 'no rows came' : `${rowCount(asked.length)} came, as expected`,
  }
}

/** Why a row can never equal one with these columns. */
function columnFault(row: ExpectedRow, names: readonly string[]): string | undefined {
  const has = `the query has ${names
    .slice(0, MOST_COLUMNS)
    .map((name) => show(name, []))
    .join(
      ', ',
    )}${names.length > MOST_COLUMNS ? ` and ${String(names.length - MOST_COLUMNS)} more` : ''}`
  if (Array.isArray(row)) {
    if (row.length === names.length) return undefined
    return `gives ${String(row.length)} value(s) for ${String(names.length)} column(s); ${has}`
  }
  const unknown = [...row.keys()].find((name) => !names.includes(name))
  if (unknown !== undefined) return `gives a column ${show(unknown, [])} that does not come; ${has}`
  const left = names.find((name) => !row.has(name))
  return left === undefined ? undefined : `says nothing of the column ${show(left, [])}; ${has}`
}

function inOrder(row: ExpectedRow, names: readonly string[]): Cell[] {
  return Array.isArray(row) ? row : names.map((name) => row.get(name) ?? null)
}

function rowOf(names: readonly string[], cells: readonly Cell[]): Row {
  // Of no type: these are texts of the spec.
  return rowObject(
    names.map((name) => ({ name, type: 0 })),
    cells,
  )
}

/** Places of what the first list has beyond the second; each entry is taken once. */
function without(list: readonly string[], others: readonly string[]): number[] {
  const left = new Map<string, number>()
  for (const key of others) left.set(key, (left.get(key) ?? 0) + 1)
  return [...list.keys()].filter((at) => {
    const key = list[at] ?? ''
    const n = left.get(key) ?? 0
    if (n > 0) left.set(key, n - 1)
    return n === 0
  })
}

function rowCount(n: number): string {
  return `${String(n)} ${n === 1 ? 'row' : 'rows'}`
}

/** Every expectation that did not hold, in one failure. */
export function expectationFailure(all: readonly ExpectationReport[]): Failure | undefined {
  const failing = all.filter((one) => !one.held)
  if (failing.length === 0) return undefined
  const told = failing
    .slice(0, MOST_TOLD)
    .map((one) => `${show(one.name, [])}: ${one.because}${askedText(one)}`)
  const others = failing.slice(MOST_TOLD).map((one) => show(one.name, []))
  const rest = others.length === 0 ? '' : `; and ${others.join(', ')}`
  return new Failure({
    reason: 'expectation-failed',
    message: `${String(failing.length)} of ${String(all.length)} expectation(s) did not hold: ${told.join('; ')}${rest}.`,
    inputs: ['spec', 'timeout'],
  })
}

function askedText({ asked, ms }: ExpectationReport): string {
  if (asked === 0) return ''
  const times = asked === 1 ? 'once' : `${String(asked)} times`
  return ` (asked ${times} in ${(ms / 1000).toFixed(1)} s)`
}
