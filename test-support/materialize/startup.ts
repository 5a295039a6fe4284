import type { Environment } from './environment.ts'
import type { Session } from './session.ts'
import { toSqlError } from './errors.ts'
import { randomUUID } from 'node:crypto'

const SERVER_VERSION = 'v26.24.0-dev.0'

/** `--cluster=x`, `-c cluster=x` and `-ccluster=x`, with backslashes before blanks. */
export function startupOptions(text: string): [string, string][] {
  const words = [...text.matchAll(/(?:\\.|\S)+/gs)].map(([word]) => word.replace(/\\(.)/gs, '$1'))
  const settings: [string, string][] = []
  for (let at = 0; at < words.length; at++) {
    let word = words[at]!
    if (word === '-c') word = words[++at] ?? ''
    else if (word.startsWith('-c')) word = word.slice(2)
    else if (word.startsWith('--')) word = word.slice(2)
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? []
    if (name !== undefined) settings.push([name.replaceAll('-', '_'), value!])
  }
  return settings
}

/** Applies what the client asked for; what cannot be is only told. */
export function applyStartup(session: Session, parameters: Map<string, string>): void {
  const settings: [string, string][] = []
  for (const [name, value] of parameters) {
    if (name === 'options') settings.push(...startupOptions(value))
    else if (name !== 'user' && name !== 'replication') settings.push([name, value])
  }
  for (const [name, value] of settings) {
    try {
      session.variables.setDefault(name, [value])
    } catch (error) {
      session.notice({
        code: '00000',
        message: `startup setting ${name} not set: ${toSqlError(error).message}`,
      })
    }
  }
}

export function greet(environment: Environment, session: Session): void {
  const { catalog } = environment
  const database = session.variables.get('database')
  const cluster = session.variables.get('cluster')
  const hasCluster = catalog.findCluster(cluster) !== undefined
  if (session.variables.get('welcome_message') === 'on') {
    session.notice({
      code: '00000',
      message: welcome(session, { cluster: hasCluster ? cluster : `${cluster} (does not exist)` }),
    })
  }
  if (catalog.findDatabase(database) === undefined) {
    session.notice({
      code: 'MZ004',
      message: `session database ${JSON.stringify(database)} does not exist`,
      hint:
        'Create the database with CREATE DATABASE or pick an extant database with SET DATABASE = name. ' +
        'List available databases with SHOW DATABASES.',
    })
  }
  if (!hasCluster) {
    session.notice({
      code: 'MZ005',
      message: `session default cluster ${JSON.stringify(cluster)} does not exist`,
      hint: 'Pick an extant cluster with SET CLUSTER = name. Run SHOW CLUSTERS to see available clusters.',
    })
  }
}

function welcome(session: Session, shown: { cluster: string }): string {
  return `connected to Materialize ${SERVER_VERSION}
  Environment ID: ${session.environment.catalog.environmentId}
  Region: docker/container
  User: ${session.role.name}
  Cluster: ${shown.cluster}
  Database: ${session.variables.get('database')}
  Schema: ${session.variables.get('search_path')}
  Session UUID: ${randomUUID()}

Issue a SQL query to get started. Need help?
  View documentation: https://materialize.com/s/docs
  Join our Slack community: https://materialize.com/s/chat
    `
}
