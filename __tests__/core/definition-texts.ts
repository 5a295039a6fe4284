import { readdirSync, readFileSync } from 'node:fs'

/** Every definition that the real server showed, from the transcripts. */
export interface ShownText {
  transcript: string
  /** sent: a statement that it accepted. */
  form: 'internal' | 'redacted' | 'shown' | 'sent'
  text: string
}

interface Line {
  sql?: string
  fields?: string[]
  rows?: (string | null)[][]
  error?: unknown
}

const directory = new URL('../fixtures/transcripts/', import.meta.url)

function linesOf(transcript: string): Line[] {
  return readFileSync(new URL(transcript, directory), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Line)
}

function textsOf({
  sql = '',
  fields = [],
  rows = [],
  error,
}: Line): Omit<ShownText, 'transcript'>[] {
  const sent =
    /^CREATE/.test(sql) && error === undefined ? [{ form: 'sent' as const, text: sql }] : []
  const shown = rows.flatMap((row) =>
    row.flatMap((text, at) => {
      const field = fields[at]?.split(':')[0]
      if (text === null || (field !== 'create_sql' && field !== 'redacted_create_sql')) return []
      const form = sql.startsWith('SHOW')
        ? ('shown' as const)
        : field === 'create_sql'
          ? ('internal' as const)
          : ('redacted' as const)
      return [{ form, text }]
    }),
  )
  return [...sent, ...shown]
}

export const shownTexts: ShownText[] = readdirSync(directory).flatMap((transcript) =>
  linesOf(transcript).flatMap((line) => textsOf(line).map((one) => ({ transcript, ...one }))),
)
