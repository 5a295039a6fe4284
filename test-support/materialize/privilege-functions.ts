import { isSystem } from './environment.ts'
import { unknownHere } from './errors.ts'
import { Rights } from './privileges.ts'
import type { Session } from './session.ts'

/** `has_table_privilege('role', 'object', 'privilege')` and its like; the role may be left out. */
export function privilegeAnswer(session: Session, name: string, given: string[]): boolean {
  const { catalog } = session.environment
  const kind = /^has_(\w+)_privilege$/.exec(name)![1]!
  const expected = kind === 'system' ? 2 : 3
  const args = given.length === expected - 1 ? [session.role.name, ...given] : given
  if (args.length !== expected) throw unknownHere(`${name} with ${given.length} arguments`)
  const rights = new Rights(catalog, catalog.role(args[0]!))
  const privilege = args.at(-1)!.toUpperCase()
  const object = args[1]!
  const named = { parts: object.split('.') }
  switch (kind) {
    case 'system':
      return rights.has(catalog.systemGrants, privilege)
    case 'schema':
      return rights.has(catalog.schema(named, session.scope).acl, privilege)
    case 'database':
      return rights.has(catalog.database(object).acl, privilege)
    case 'cluster':
      return rights.has(catalog.cluster(object).acl, privilege)
    default: {
      const item = catalog.resolve(named, session.scope)
      return isSystem(item) ? privilege === 'SELECT' : rights.has(item.acl, privilege)
    }
  }
}
