import { take, takeDown, takeReads } from './made.ts'
import { takeRecorded } from './recorded.ts'
import { Sheet, type Unit } from './shape.ts'

/** The sections of docs/statements.sql: what the makers of SQL make, and what runs sent besides. */
export function sections(recorded: Unit[]): Record<string, string[]> {
  const sheet = new Sheet()
  const from = (work: () => void): string[] => {
    const before = sheet.texts.length
    work()
    return sheet.texts.slice(before)
  }
  return {
    'What each option of the spec makes and changes': from(() => {
      take(sheet)
    }),
    'How rows are read': from(() => {
      takeReads(sheet)
    }),
    'What runs send besides: plan, provision, verify, teardown': from(() => {
      takeRecorded(sheet, recorded)
    }),
    'How everything is taken down': from(() => {
      takeDown(sheet)
    }),
  }
}
