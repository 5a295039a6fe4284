import { csvColumns, decodeCsv } from './csv.ts'
import { DecodeFailure } from './decode-failure.ts'
import { JsonError, readJson } from './json-reader.ts'
import type { Column } from './model.ts'
import type { Format } from './statements.ts'
import type { Cell } from './text-forms.ts'

/** A key's or a value's format with its schemas at hand: columns, and bytes made cells of them. */
export interface Encoding {
  columns: Column[]
  /** One column that no schema gives a name, so that a key calls it `key`. */
  isUnnamed: boolean
  decode(bytes: Buffer): Cell[] | Promise<Cell[]>
}

type PlainFormat = Exclude<Format, { is: 'avro' | 'protobuf' }>

export function plainEncoding(format: PlainFormat): Encoding {
  const one = (name: string, type: string, decode: Encoding['decode']): Encoding => ({
    columns: [{ name, type, nullable: false }],
    isUnnamed: true,
    decode,
  })
  switch (format.is) {
    case 'bytes':
      return one('data', 'bytea', (bytes) => [`\\x${bytes.toString('hex')}`])
    case 'text':
      return one('text', 'text', (bytes) => [decodedText(bytes)])
    case 'json':
      return one('data', 'jsonb', (bytes) => [decodedJson(bytes)])
    case 'csv':
      return {
        columns: csvColumns(format),
        isUnnamed: false,
        decode: (bytes) => decodeCsv(format, decodedText(bytes)),
      }
    case 'regex':
      return regexEncoding(format.pattern)
  }
}

function decodedText(bytes: Buffer): string {
  const text = utf8(bytes)
  if (text === undefined) throw new DecodeFailure('Failed to decode UTF-8')
  return text
}

function decodedJson(bytes: Buffer): string {
  try {
    return readJson(bytes)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new DecodeFailure(`Failed to decode JSON: ${error.message}`)
  }
}

function regexEncoding(pattern: string): Encoding {
  const groups = pattern.replace(/\\./g, '').matchAll(/\((?:\?P?<([A-Za-z_]\w*)>|(?!\?))/g)
  const regex = new RegExp(pattern.replaceAll('(?P<', '(?<'), 'u')
  return {
    columns: [...groups].map((match, at) => ({
      name: match[1] ?? `column${at + 1}`,
      type: 'text',
      nullable: true,
    })),
    isUnnamed: false,
    decode: (bytes) => {
      const match = regex.exec(decodedText(bytes))
      if (match === null) throw new DecodeFailure('Regex: Regex did not match')
      return match.slice(1).map((group) => group ?? null)
    },
  }
}

/** Nothing if the bytes are no text. */
export function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
