import { isOf } from './marker.ts'
import type { ConnectionSpec } from './model-connection.ts'
import type { Observed, ObservedObject } from './observed.ts'

/** An environment of the repository, by the marks of its schemas. */
export interface Marked {
  name: string
  schemas: { database: string; name: string }[]
  /** The latest time until which it may stay, as ISO 8601; absent if a schema has none. */
  until?: string
  /** The pull requests for which it was made; empty if a schema was made for none. */
  pulls: number[]
}

/** What another repository made, or nobody has marked, is not among them. */
export function markedEnvironments(
  observed: Pick<Observed, 'schemas'>,
  repository: string,
): Marked[] {
  const found = new Map<string, ObservedSchema[]>()
  for (const schema of observed.schemas) {
    const environment = schema.marker?.environment
    if (environment === undefined || !isOf(schema.marker, repository, environment)) continue
    found.set(environment, [...(found.get(environment) ?? []), schema])
  }
  return [...found].map(([name, schemas]) => {
    const untils = schemas.map(({ marker }) => marker?.until ?? '')
    // What is no time compares with nothing.
    const isTimed = untils.every((until) => !Number.isNaN(Date.parse(until)))
    const until = untils.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1)
    const pulls = schemas.map(({ marker }) => marker?.pull)
    return {
      ...{
        name,
        schemas: schemas.map(({ database, name: schema }) => ({ database, name: schema })),
      },
      ...(isTimed && until !== undefined && { until }),
      pulls: pulls.includes(undefined) ? [] : [...new Set(pulls.flatMap((pull) => pull ?? []))],
    }
  })
}

type ObservedSchema = Observed['schemas'][number]

/**
 * Whether the time until which it may stay has passed; one without a time stays.
 * @param now milliseconds since the epoch.
 */
export function isExpired({ until }: Marked, now: number): boolean {
  return until !== undefined && Date.parse(until) < now
}

/** The given connection that leads to the same Kafka: a broker in common gives it away. */
export function givenFor(
  found: ObservedObject,
  given: readonly ConnectionSpec[],
): ConnectionSpec | undefined {
  const brokers = new Set(found.connection?.brokers)
  return given.find((one) => one.kafka?.brokers.some((broker) => brokers.has(broker)))
}
