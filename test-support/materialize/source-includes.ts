import type { SourceRecord } from './engine-port.ts'
import type { Column } from './model.ts'
import { recordType } from './nested-types.ts'
import type { Include } from './statements.ts'
import { listText, recordText, type Cell } from './text-forms.ts'

const HEADER_TYPE = recordType([
  { name: 'key', type: 'text', nullable: false },
  { name: 'value', type: 'bytea', nullable: true },
])

const INCLUDED: Record<Exclude<Include['is'], 'KEY'>, [string, string, boolean]> = {
  PARTITION: ['partition', 'int4', false],
  OFFSET: ['offset', 'uint8', false],
  TIMESTAMP: ['timestamp', 'timestamp', false],
  HEADERS: ['headers', `${HEADER_TYPE} list`, false],
  HEADER: ['header', 'text', true],
}

/** The column of one thing of INCLUDE; a key's are its format's. */
export function includeColumn(include: Include): Column[] {
  if (include.is === 'KEY') return []
  const [name, type, nullable] = INCLUDED[include.is]
  return [{ name: include.alias ?? name, type: include.bytes === true ? 'bytea' : type, nullable }]
}

export function included(include: Include, record: SourceRecord): Cell[] {
  switch (include.is) {
    case 'KEY':
      return []
    case 'PARTITION':
      return [String(record.partition)]
    case 'OFFSET':
      return [String(record.offset)]
    case 'TIMESTAMP':
      return [new Date(record.timestampMs).toISOString().replace('T', ' ').replace('Z', '')]
    case 'HEADERS':
      return [
        listText(
          record.headers.map(([name, value]) =>
            recordText([name, value === null ? null : `\\x${value.toString('hex')}`]),
          ),
        ),
      ]
    case 'HEADER': {
      const found = record.headers.findLast(([name]) => name === include.header)?.[1] ?? null
      if (found === null) return [null]
      return [include.bytes === true ? `\\x${found.toString('hex')}` : found.toString('utf8')]
    }
  }
}
