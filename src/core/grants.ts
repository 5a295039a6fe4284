import type { Grant, Privilege, QualifiedName } from './model-object.ts'
import { ident, qualified } from './sql.ts'

/** What a refused statement was about, so that the refusal’s names can be quoted. */
export interface Refused {
  role: string
  /** The object that was named. */
  object: QualifiedName
}

/** Kinds that GRANT names; relations of all kinds stand without one. */
const NAMED_KINDS = new Set(['SCHEMA', 'CLUSTER', 'DATABASE', 'CONNECTION', 'SECRET'])

/**
 * The statement that gives what a refusal says is missing; undefined where the refusal does not say.
 * @param refusal Materialize’s words: `… role needs SELECT privileges on SOURCE "m.public.x" …`.
 */
export function missingGrant(refusal: string, of: Refused): string | undefined {
  const match = /needs (\w+) privileges on ([A-Z ]+) "((?:[^"\\]|\\.)*)"/.exec(refusal)
  if (!match) return undefined
  const [, privilege = '', kind = '', escaped = ''] = match
  const text = escaped.replace(/\\(.)/g, '$1')
  const name = NAMED_KINDS.has(kind)
    ? `${kind} ${nameText(kind, text, of.object)}`
    : nameText(kind, text, of.object)
  return grantText(privilege, name, of.role)
}

/** Refusals do not quote: a name with a dot in it is known only by the object it is about. */
function nameText(kind: string, text: string, { database, schema, name }: QualifiedName): string {
  if (kind === 'CLUSTER' || kind === 'DATABASE') return ident(text)
  if (kind === 'SCHEMA' && text === `${database}.${schema}`) return schemaText(database, schema)
  if (text === `${database}.${schema}.${name}`) return qualified({ database, schema, name })
  return text.split('.').map(ident).join('.')
}

function schemaText(database: string, schema: string): string {
  return `${ident(database)}.${ident(schema)}`
}

function grantText(privilege: string, name: string, role: string): string {
  return `GRANT ${privilege} ON ${name} TO ${ident(role)}`
}

/** Something with an owner and grants, as the catalog shows it. */
export interface Held {
  owner: string
  grants: Grant[]
}

/** What reading a relation takes. What the catalog does not show is left out, and taken for given. */
export interface Needs {
  role: string
  relation: Held & { name: QualifiedName }
  schema?: Held
  /** The session’s. */
  cluster?: Held & { name: string }
}

/**
 * Every statement that is needed before a relation can be read, since a refusal names but the first
 * thing that is missing. What the role has by another role that it belongs to is not seen.
 */
export function grantsToRead({ role, relation, schema, cluster }: Needs): string[] {
  const { name } = relation
  const place = schemaText(name.database, name.schema)
  return [
    ...(schema && !has(schema, 'usage', role) ? [grantText('USAGE', `SCHEMA ${place}`, role)] : []),
    ...(cluster && !has(cluster, 'usage', role)
      ? [grantText('USAGE', `CLUSTER ${ident(cluster.name)}`, role)]
      : []),
    ...(has(relation, 'select', role) ? [] : [grantText('SELECT', qualified(name), role)]),
  ]
}

function has({ owner, grants }: Held, privilege: Privilege, role: string): boolean {
  return (
    owner === role ||
    grants.some(
      ({ to, privileges }) => [role, 'PUBLIC'].includes(to) && privileges.includes(privilege),
    )
  )
}
