import { fileURLToPath } from 'node:url'

const pg = fileURLToPath(new URL('../../node_modules/pg/lib/index.js', import.meta.url))

export interface SqlCommand {
  /** Where the statements go. */
  url: string
  /** The one call that does something; another of `idle` does nothing, any other is refused. */
  acts: string
  idle?: string[]
  /** Variables without which it is refused; `$NAME` in a statement is the value of one as a literal. */
  needs: string[]
  statements: string[]
}

/**
 * A program for Node in place of a tool that cannot be had here, such as Terraform: it makes by SQL
 * what that tool would make. It is no Terraform: it reads no configuration and keeps no state.
 */
export function sqlCommand(command: SqlCommand): string {
  return `import pg from ${JSON.stringify(pg)}
const { url, acts, idle = [], needs, statements } = ${JSON.stringify(command)}
const call = process.argv.slice(2).join(' ')
const missing = needs.filter((name) => !process.env[name])
if (![acts, ...idle].includes(call) || missing.length > 0) {
  console.error(\`not known here: \${call}; not set: \${missing.join(', ')}\`)
  process.exit(2)
}
if (call === acts) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const text of statements) {
    await client.query(text.replace(/\\$([A-Za-z_]+)/g, (_, name) => pg.escapeLiteral(process.env[name])))
  }
  await client.end()
}
`
}
