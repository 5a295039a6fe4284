import { hex } from '../../src/core/sql.ts'
import { ENVIRONMENT, OUTSIDE, SCHEMA } from '../spec-options/whole.ts'

/** docs/statements.sql, which psql replays. */

/** What the examples have where somebody else has something of their own, as psql’s variables. */
const VARIABLES: Record<string, string> = {
  "'kafka:9092'": 'broker',
  "'kafka2:9092'": 'broker2',
  "'http://registry:8081'": 'registry',
  "'http://registry2:8081'": 'registry2',
  "'https://registry:8081'": 'registry_tls',
}

/** A secret’s value is bytes; what psql is given takes its place whole. */
const SECRETS = new Map(
  Object.entries(ENVIRONMENT).map(([name, value]) => [hex(value.trim()), name.toLowerCase()]),
)

/** The statement as psql takes it. */
export function forPsql(text: string): string {
  const plain = text.replace(
    /^((?:CREATE|ALTER) SECRET .* AS )'\\x([0-9a-f]*)'$/,
    (_, head: string, value: string) => `${head}:'${SECRETS.get(value) ?? 'kafka_username'}'`,
  )
  const given = Object.entries(VARIABLES).reduce(
    (all, [value, name]) => all.replaceAll(value, `:'${name}'`),
    plain.replace(/'localhost:\d+'/g, ":'broker'"),
  )
  return `${given};`
}

/** The statements of a page, without what the page has for psql. */
export function statementsOn(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => line.endsWith(';') && !line.startsWith('--'))
    .map((line) => line.slice(0, -1))
}

const ROLES = ['etl', 'analysts']

const SET_UP = [
  `CREATE SCHEMA materialize.${SCHEMA};`,
  `CREATE TABLE materialize.${SCHEMA}.others (a int);`,
  ...ROLES.map((role) => `CREATE ROLE ${role};`),
  ...ROLES.map((role) => `GRANT ${role} TO CURRENT_USER;`),
  ...Object.entries(OUTSIDE).map(([name, type]) => {
    const of = `CREATE CONNECTION materialize.${SCHEMA}.${name} TO`
    if (type === 'ssh-tunnel') return `${of} SSH TUNNEL (HOST 'bastion', PORT 22, USER 'mz');`
    if (type === 'aws') return `${of} AWS (ASSUME ROLE ARN 'arn:aws:iam::1:role/mz');`
    return `${of} AWS PRIVATELINK (SERVICE NAME 'com.amazonaws.vpce.us-east-1.vpce-svc-1', AVAILABILITY ZONES ('use1-az1'));`
  }),
]

const CLEAN_UP = [
  `DROP SCHEMA materialize.${SCHEMA} CASCADE;`,
  'DROP CLUSTER ingest CASCADE;',
  ...ROLES.map((role) => `DROP ROLE ${role};`),
]

const HEAD = `-- Statements that this action sends to Materialize: each distinct shape once (a shape is a statement
-- without its names and values), and again only where a later statement needs what it makes, or as the
-- frame of a transaction. Written by npm run statements: do not edit.
--
-- Replay it against a Materialize and a Kafka that hold nothing you need, once the lines with \\set have
-- values of your own: psql 'postgres://you@your-materialize:6875/materialize' -f statements.sql
-- Statements that cannot work where you are (AWS PrivateLink outside of the cloud, features that are
-- switched off, options that need a Kafka of another kind) print an error, and psql goes on.
--
-- It needs: topics orders and orders2 with a record of text, JSON or what else the sources read; a schema
-- registry that holds schemas for orders-key and orders-value; and a role that may create schemas,
-- clusters and roles. What it makes lies in the schema ${SCHEMA} and the clusters ingest and last; sinks write
-- to the topics totals, totals2, r-out, r-others and
-- last-out.
`

/** Sections with their statements; what only the replay needs is told apart. */
export function page(sections: Record<string, string[]>): string {
  const names = [...Object.values(VARIABLES), ...new Set(SECRETS.values())].sort()
  const defaults = new Map(Object.entries(VARIABLES).map(([value, name]) => [name, value]))
  const variables = names.map(
    (name) => `\\set ${name} ${defaults.get(name) ?? `'your ${name.replaceAll('_', ' ')}'`}`,
  )
  const parts = [
    [HEAD.trimEnd()],
    ['-- Put your own here.', ...variables],
    ['-- Not the action’s: what the rest stands on.', ...SET_UP.map(marked)],
    ...Object.entries(sections).map(([title, texts]) => [`-- ${title}`, ...texts.map(forPsql)]),
    ['-- Not the action’s: away with all of it.', ...CLEAN_UP.map(marked)],
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** Left out of what the action’s own shapes are held against. */
function marked(line: string): string {
  return `${line} -- replay`
}
