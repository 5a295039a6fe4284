import { planError, unknownHere } from './errors.ts'
import type { ConnectionItem } from './model.ts'
import type { Session } from './session.ts'
import type { Name, Option, OptionValue } from './statements.ts'

const SHOWN: Partial<Record<ConnectionItem['connectionType'], string>> = {
  'ssh-tunnel': 'an SSH connection',
  'aws-privatelink': 'an AWS PRIVATELINK connection',
  aws: 'an AWS connection',
}
const EXPECTED: Record<string, ConnectionItem['connectionType']> = {
  'SSH TUNNEL': 'ssh-tunnel',
  'AWS PRIVATELINK': 'aws-privatelink',
  'AWS CONNECTION': 'aws',
}

/** Names of secrets and of other connections made ids. */
export function resolveReferences(session: Session, options: Option[]): Option[] {
  return options.map((option) =>
    option.value === undefined
      ? option
      : { name: option.name, value: resolved(session, option.name, option.value) },
  )
}

function resolved(session: Session, option: string, value: OptionValue): OptionValue {
  switch (value.is) {
    case 'secret': {
      const item = session.environment.catalog.resolve(value.name, session.scope)
      if (!('type' in item) || item.type !== 'secret') {
        throw unknownHere(`how Materialize refuses a ${item.type} as a secret`)
      }
      return { is: 'secret-id', id: item.id }
    }
    case 'object': {
      const id = connectionId(session, value.name, EXPECTED[option]!)
      const { options } = value
      return options === undefined ? { is: 'object-id', id } : { is: 'object-id', id, options }
    }
    case 'list':
      return { is: 'list', values: value.values.map((one) => resolved(session, option, one)) }
    case 'broker': {
      const { using } = value.broker
      if (using === undefined) return value
      const connection = resolved(session, using.is, using.connection)
      checkZone(session, connection, using.options)
      return { is: 'broker', broker: { ...value.broker, using: { ...using, connection } } }
    }
    default:
      return value
  }
}

function connectionId(
  session: Session,
  name: Name,
  expected: ConnectionItem['connectionType'],
): string {
  const item = session.environment.catalog.resolve(name, session.scope)
  if (item.type === 'connection' && item.connectionType === expected) return item.id
  throw planError(`${item.name} is not ${SHOWN[expected]!}`)
}

function checkZone(session: Session, connection: OptionValue, options: Option[]): void {
  const zone = options.find(({ name }) => name === 'AVAILABILITY ZONE')?.value
  if (zone?.is !== 'string' || connection.is !== 'object-id') return
  const { catalog } = session.environment
  const item = catalog.item(connection.id) as ConnectionItem
  const zones = item.options.find(({ name }) => name === 'AVAILABILITY ZONES')?.value
  const known = zones?.is === 'list' ? zones.values : []
  if (known.some((one) => one.is === 'string' && one.value === zone.value)) return
  throw planError(
    `AWS PrivateLink availability zone ${JSON.stringify(zone.value)} does not match any of the ` +
      `availability zones on the AWS PrivateLink connection ${JSON.stringify(catalog.fullName(item))}`,
  )
}

/** Ids of all that options refer to: it cannot be dropped before what they belong to. */
export function referredIds(options: Option[]): string[] {
  const of = (value: OptionValue | undefined): string[] => {
    switch (value?.is) {
      case 'secret-id':
      case 'object-id':
        return [value.id]
      case 'list':
        return value.values.flatMap(of)
      case 'broker':
        return of(value.broker.using?.connection)
      default:
        return []
    }
  }
  return [...new Set(options.flatMap((option) => of(option.value)))]
}

/** The use of another's secret or connection must be granted. */
export function mayUseReferences(session: Session, options: Option[]): void {
  for (const id of referredIds(options)) {
    const item = session.environment.catalog.item(id)
    session.rights.usageOf(item)
    session.rights.item(item, 'USAGE')
  }
}
