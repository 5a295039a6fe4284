import { pbkdf2Sync, randomBytes } from 'node:crypto'
import type { AclRule } from './acls.ts'

/** Brokers refuse fewer; kafkajs does as well. */
const scramIterations = 4096

export interface Login {
  username: string
  password: string
}

/** The endings are random, so that a test that finds a password somewhere has found that password. */
const passwordStems = {
  admin: 'admin-',
  full: 'full-',
  reader: 'reader-',
  writer: 'writer-',
  none: 'none-',
  bare: 'bare-',
  plainuser: 'plain-',
  backslash: 'a\\b-',
  hexlike: '\\x41-',
  quotes: `it's "q" `,
  dollar: '$HOME$$-',
  semicolon: 'a;b; -- ',
  emoji: '🙂-',
}

export type UserName = keyof typeof passwordStems

export const userNames = Object.keys(passwordStems) as UserName[]

/** Users whose passwords have broken somebody's quoting. */
export const nastyUsers: readonly UserName[] = [
  'backslash',
  'hexlike',
  'quotes',
  'dollar',
  'semicolon',
  'emoji',
]

export function createLogins(): Record<UserName, Login> {
  const logins = Object.entries(passwordStems).map(([username, stem]) => [
    username,
    { username, password: stem + randomBytes(9).toString('base64url') },
  ])
  return Object.fromEntries(logins) as Record<UserName, Login>
}

/**
 * StorageTool's `--add-scram` for every user but plainuser. The password goes in salted, so that
 * its text passes neither a command line nor StorageTool's own quoting.
 */
export function scramArguments(logins: Record<UserName, Login>): string[] {
  return Object.values(logins)
    .filter(({ username }) => username !== 'plainuser')
    .flatMap((login) => [
      ...['--add-scram', saltedCredential(login, { mechanism: 'SCRAM-SHA-256', length: 32 })],
      ...['--add-scram', saltedCredential(login, { mechanism: 'SCRAM-SHA-512', length: 64 })],
    ])
}

function saltedCredential(login: Login, hash: { mechanism: string; length: number }): string {
  const salt = randomBytes(24)
  const digest = hash.mechanism.replace('SCRAM-', '').replace('-', '').toLowerCase()
  const salted = pbkdf2Sync(login.password, salt, scramIterations, hash.length, digest)
  const fields = [
    `name=${login.username}`,
    `salt="${salt.toString('base64')}"`,
    `saltedpassword="${salted.toString('base64')}"`,
    `iterations=${scramIterations}`,
  ]
  return `${hash.mechanism}=[${fields.join(',')}]`
}

/** The broker's login module for PLAIN, which holds its users itself. */
export function plainJaasConfig(logins: Record<UserName, Login>): string {
  const users = Object.values(logins).map(
    ({ username, password }) =>
      `user_${username}="${password.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  )
  return `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.join(' ')};`
}

/** What each user may do; `none` and `bare` nothing, `admin` all of it as a super user. */
export function grants(): AclRule[] {
  const everywhere: UserName[] = ['full', 'plainuser', ...nastyUsers]
  return [
    ...everywhere.flatMap((user): AclRule[] => [
      { user, resource: 'topic', name: '*', operations: ['all'] },
      { user, resource: 'group', name: '*', operations: ['all'] },
      { user, resource: 'transactionalId', name: '*', operations: ['all'] },
      {
        user,
        resource: 'cluster',
        name: 'kafka-cluster',
        operations: ['create', 'describe', 'describeConfigs'],
      },
    ]),
    { user: 'reader', resource: 'topic', name: '*', operations: ['read', 'describe'] },
    { user: 'reader', resource: 'group', name: '*', operations: ['read'] },
    { user: 'writer', resource: 'topic', name: '*', operations: ['write', 'describe', 'create'] },
    { user: 'writer', resource: 'transactionalId', name: '*', operations: ['write', 'describe'] },
  ]
}
