import type { Answer } from './transcript.ts'

/** What differs from one environment to the next, and from one run to the next, made alike. */
function alike(text: string): string {
  return text
    .replace(/docker-container-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d/g, '<environment>')
    .replace(/Session UUID: \S+/g, 'Session UUID: <uuid>')
    .replace(/\bu\d+\b/g, 'u#')
    .replace(/\b1[78]\d{11}\b/g, '<ms>')
    .replace(/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00\b/g, '<instant>')
}

function cell(value: string | null, field: string): string | null {
  if (value === null) return null
  if (field.startsWith('oid:')) return '<oid>'
  return alike(value)
}

/** An answer in a form that two servers can share: sorted where SQL promises no order. */
export function normalize(sql: string, answer: Answer): unknown {
  if (answer.results !== undefined) return answer.results.map((one) => normalize(sql, one))
  const plain = JSON.parse(JSON.stringify(answer)) as Answer
  const { error, notices } = plain
  const shared = {
    error: error === undefined ? null : (JSON.parse(alike(JSON.stringify(error))) as unknown),
    notices: (notices ?? []).map((notice) => JSON.parse(alike(JSON.stringify(notice))) as unknown),
  }
  if (error !== undefined) return shared
  const fields = plain.fields ?? []
  const rows = (plain.rows ?? []).map((row) =>
    row.map((value, index) => cell(value, fields[index]!)),
  )
  const isOrdered = /\border\s+by\b/i.test(sql) || !/^\s*select/i.test(sql)
  // Which rows a LIMIT without an order gives is open; how many is not.
  const anyRows = !isOrdered && /\blimit\s+\d+/i.test(sql)
  return {
    ...shared,
    tag: plain.tag ?? null,
    rowCount: plain.rowCount ?? null,
    fields,
    rows: anyRows ? rows.length : isOrdered ? rows : rows.map((row) => JSON.stringify(row)).sort(),
  }
}

/** Of long answers the recording kept only the first rows. */
function isCut(answer: Answer): boolean {
  return (answer.rows?.length ?? 0) < (answer.rowCount ?? 0)
}

export function same(sql: string, expected: Answer, actual: Answer): boolean {
  if (isCut(expected) && actual.error === undefined) {
    const kept = normalize(sql, expected) as { rows: string[] }
    const whole = normalize(sql, actual) as { rows: string[] }
    if (!kept.rows.every((row) => whole.rows.includes(row))) return false
    return JSON.stringify({ ...kept, rows: 0 }) === JSON.stringify({ ...whole, rows: 0 })
  }
  return JSON.stringify(normalize(sql, expected)) === JSON.stringify(normalize(sql, actual))
}
