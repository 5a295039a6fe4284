import type { Column } from './model.ts'

/** Name of a record type: it carries its fields, which encoders need to know. */
export function recordType(fields: Column[]): string {
  return `record${JSON.stringify({
    fields: fields.map(({ name, type, nullable }) => [name, type, nullable]),
  })}`
}

/** Fields of a record type, nothing of any other. */
export function recordFields(type: string): Column[] | undefined {
  if (!type.startsWith('record{') || !type.endsWith('}')) return undefined
  const { fields } = JSON.parse(type.slice('record'.length)) as {
    fields: [string, string, boolean][]
  }
  return fields.map(([name, of, nullable]) => ({ name, type: of, nullable }))
}

/** What a list or an array holds. */
export function elementType(type: string): string | undefined {
  if (type.endsWith(' list')) return type.slice(0, -' list'.length)
  return type.endsWith('[]') && !type.startsWith('record{') ? type.slice(0, -2) : undefined
}

export function mapValueType(type: string): string | undefined {
  return type.startsWith('map[') && type.endsWith(']') ? type.slice('map['.length, -1) : undefined
}
