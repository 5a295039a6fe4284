import { isOf } from './marker.ts'
import type { ConnectionSpec } from './model-connection.ts'
import type { Observed, ObservedObject } from './observed.ts'

/** An environment whose time is over. */
export interface Expired {
  name: string
  /** ISO 8601. */
  until: string
  schemas: { database: string; name: string }[]
}

/** By the marks of schemas: one without a time stays, and so does what another repository made. */
export function expired(
  observed: Pick<Observed, 'schemas'>,
  of: { repository: string; now: number },
): Expired[] {
  const found = new Map<string, Expired>()
  const staying = new Set<string>()
  for (const { database, name, marker } of observed.schemas) {
    const environment = marker?.environment
    if (environment === undefined || !isOf(marker, of.repository, environment)) continue
    const until = marker?.until ?? ''
    // What is no time compares with nothing.
    if (!(Date.parse(until) < of.now)) staying.add(environment)
    const known = found.get(environment) ?? { name: environment, until, schemas: [] }
    known.schemas.push({ database, name })
    found.set(environment, known)
  }
  return [...found.values()].filter(({ name }) => !staying.has(name))
}

/** The given connection that leads to the same Kafka: a broker in common gives it away. */
export function givenFor(
  found: ObservedObject,
  given: readonly ConnectionSpec[],
): ConnectionSpec | undefined {
  const brokers = new Set(found.connection?.brokers)
  return given.find((one) => one.kafka?.brokers.some((broker) => brokers.has(broker)))
}
