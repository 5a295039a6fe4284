import { readFileSync } from 'node:fs'

/** What the transcripts hold of statements that Materialize refused. */

/** Statements that were refused, in their order. */
export function refused(file: string): string[] {
  const path = new URL(`../fixtures/transcripts/${file}.jsonl`, import.meta.url)
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { sql?: string; error?: object })
    .flatMap(({ sql, error }) => (error && sql !== undefined ? [sql] : []))
}

/** Which of them mistakes-connections.test.ts makes; mistakes-pipelines.test.ts makes the others. */
export function isOfConnections(sql: string): boolean {
  return (
    /^(CREATE|ALTER|VALIDATE) (CONNECTION|CLUSTER)/.test(sql) ||
    /CONNECTION nosuch|IN CLUSTER nosuch/.test(sql)
  )
}
