import type { Catalog } from './catalog.ts'
import type { Grant } from './model.ts'

function grants(text: string): Grant[] {
  return text.split(',').map((entry) => {
    const [, grantee, privileges, grantor] = /^(\w*)=(\w+)\/(\w+)$/.exec(entry)!
    return {
      grantee: grantee === '' ? 'p' : grantee!,
      grantor: grantor!,
      privileges: new Set(privileges),
    }
  })
}

/** What a new environment holds before anybody has connected. */
export function bootstrap(catalog: Catalog): void {
  const role = (id: string, oid: number, name: string) => {
    const isSuperuser = id === 's1' || id === 's2'
    catalog.roles.set(id, {
      id,
      oid,
      name,
      canLogin: isSuperuser,
      superuser: isSuperuser ? true : null,
      isSuperuser,
      password: null,
      memberOf: new Set(),
    })
  }
  role('s1', 16661, 'mz_system')
  role('g1', 16663, 'mz_monitor')
  role('s2', 16662, 'mz_support')
  role('s4', 17076, 'mz_jwt_sync')
  role('u1', 20000, 'materialize')
  role('s3', 16984, 'mz_analytics')
  role('g2', 16664, 'mz_monitor_redacted')

  const system = '=U/s1,s2=U/s1,s1=UC/s1'
  catalog.databases.set('u1', {
    id: 'u1',
    oid: 20001,
    name: 'materialize',
    ownerId: 's1',
    acl: grants(`${system},u1=UC/s1`),
  })
  const schemas: [string, number, string][] = [
    ['s6', 16660, 'mz_unsafe'],
    ['s1', 16656, 'mz_catalog'],
    ['s2', 16657, 'pg_catalog'],
    ['s4', 16658, 'mz_internal'],
    ['s8', 16973, 'mz_introspection'],
    ['s5', 16659, 'information_schema'],
    ['s7', 16972, 'mz_catalog_unstable'],
  ]
  for (const [id, oid, name] of schemas) {
    catalog.schemas.set(id, { id, oid, databaseId: null, name, ownerId: 's1', acl: grants(system) })
  }
  catalog.schemas.set('u3', {
    id: 'u3',
    oid: 20002,
    databaseId: 'u1',
    name: 'public',
    ownerId: 's1',
    acl: grants(`${system},u1=UC/s1`),
  })
  const clusters: [string, string, string, string, string | null][] = [
    ['s1', 'mz_system', 's1', 's1=UC/s1,s2=U/s1', null],
    ['s4', 'mz_support', 's2', 's1=UC/s2,s2=UC/s2', null],
    ['s5', 'mz_analytics', 's3', 's1=UC/s3,s3=UC/s3', null],
    ['s3', 'mz_probe', 's1', 's1=UC/s1,s2=U/s1,g1=U/s1', null],
    ['s2', 'mz_catalog_server', 's1', 's1=UC/s1,s2=UC/s1,=U/s1', 's1'],
    ['u1', 'quickstart', 's1', 's1=UC/s1,s2=U/s1,u1=UC/s1,=U/s1', 'u1'],
  ]
  for (const [id, name, ownerId, acl, replica] of clusters) {
    catalog.clusters.set(id, {
      id,
      name,
      ownerId,
      acl: grants(acl),
      size: '25cc',
      replicas: replica === null ? [] : [{ id: replica, name: 'r1' }],
    })
  }
  // The role that a new environment is handed over to may make everything.
  catalog.systemGrants.push(...grants('s1=RBNP/s1,u1=RBNP/s1'))
}
