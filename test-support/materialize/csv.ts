import { DecodeFailure } from './decode-failure.ts'
import type { Column } from './model.ts'
import type { Format } from './statements.ts'
import type { Cell } from './text-forms.ts'

type CsvFormat = Extract<Format, { is: 'csv' }>

export function csvColumns(format: CsvFormat): Column[] {
  const names =
    format.header ?? Array.from({ length: format.columns ?? 0 }, (_, at) => `column${at + 1}`)
  return names.map((name) => ({ name, type: 'text', nullable: false }))
}

export function decodeCsv(format: CsvFormat, text: string): Cell[] {
  const { fields, rest } = firstLine(text, format.delimiter ?? ',')
  const expected = format.header?.length ?? format.columns ?? 0
  if (fields.length !== expected) {
    throw new DecodeFailure(
      `CSV error at record number 1: expected ${expected} columns, got ${fields.length}.`,
    )
  }
  const wrong = format.header?.findIndex((name, index) => name !== fields[index]) ?? -1
  if (wrong >= 0) {
    // Every Kafka record is taken for a file of its own, whose first line must be the header.
    const row = fields.map((field) => `String(<${JSON.stringify(redacted(field))}>)`).join(', ')
    throw new DecodeFailure(
      `source file contains incorrect columns 'Row{[${row}]}', first mismatched column at index ` +
        `${wrong + 1} expected=${format.header![wrong]} actual="${fields[wrong]}"`,
    )
  }
  if (rest !== '') {
    throw new DecodeFailure(
      `Unexpected bytes remaining for decoded value: [${[...Buffer.from(rest)].join(', ')}]`,
    )
  }
  return fields
}

function redacted(field: string): string {
  return field.replace(/[a-z]/g, 'X').replace(/\d/g, '#')
}

/** A record is one line; what follows it is left over. */
function firstLine(text: string, delimiter: string): { fields: string[]; rest: string } {
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (quoted && char === '"' && text[at + 1] === '"') {
      field += '"'
      at++
    } else if (char === '"' && (quoted || field === '')) quoted = !quoted
    else if (char === delimiter && !quoted) {
      fields.push(field)
      field = ''
    } else if (!quoted && (char === '\n' || (char === '\r' && text[at + 1] === '\n'))) {
      const rest = text.slice(at + (char === '\r' ? 2 : 1))
      return { fields: [...fields, field], rest }
    } else field += char
  }
  return { fields: [...fields, field], rest: '' }
}
