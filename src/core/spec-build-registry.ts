import type { RegistryConnection } from './model-connection.ts'
import {
  buildTls,
  connectionNamed,
  type ConnectionFacts,
  refuseUseless,
} from './spec-connection-parts.ts'
import type { Entry } from './spec-scope.ts'

type RegistryRead = NonNullable<Entry<'connections'>['value']['registry']>

/** The schema registry of a connection, every fault in it named. */
export function buildRegistry(read: RegistryRead, facts: ConnectionFacts): RegistryConnection {
  const { value, given } = read
  const { scope, path } = facts
  const { faults } = scope
  const at = (key: string): ConnectionFacts => ({ scope, path: `${path}.${key}` })
  const tunnel = connectionNamed(at('ssh-tunnel'), value['ssh-tunnel'])
  const link = connectionNamed(at('aws-privatelink'), value['aws-privatelink'])
  const both = given.get('aws-privatelink')
  if (both !== undefined && given.has('ssh-tunnel')) {
    faults.add(both, `${path} has both ssh-tunnel and aws-privatelink; it is reached by one`)
  }
  const password = given.get('password')
  if (password !== undefined && !given.has('username')) {
    faults.add(password, `${path}.password has no use without username; give both or none`)
  }
  if (value.url?.value.startsWith('http:')) {
    const why = `while ${path}.url begins with http:, which has no TLS`
    refuseUseless(given, ['ca', 'certificate', 'key'], { facts, why })
  }
  return {
    url: value.url?.value ?? '',
    ...(value.username && { username: value.username.value }),
    ...(value.password && { password: value.password.value }),
    ...buildTls(read, facts),
    ...(tunnel && { route: { through: 'ssh-tunnel', connection: tunnel } }),
    ...(link && { route: { through: 'aws-privatelink', connection: link } }),
  }
}
