import { appendFileSync } from 'node:fs'
import type { SentBy } from '../materialize/protocol.ts'

/** A statement that the action sent, and the session it went by. */
export interface Recorded {
  session: number
  text: string
}

/** Names the file that the action’s statements are appended to, a line of JSON each. */
export const RECORD_TO = 'RECORD_STATEMENTS_TO'

/** What tests send by themselves has another name, and is not recorded. */
const OURS = /^materialize-kafka-action/

export function record(text: string, { session, application }: SentBy): void {
  const file = process.env[RECORD_TO]
  if (file === undefined || !OURS.test(application)) return
  appendFileSync(file, `${JSON.stringify({ session, text } satisfies Recorded)}\n`)
}
