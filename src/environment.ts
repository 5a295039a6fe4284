import { createHash } from 'node:crypto'
import { type EnvironmentNames, inEnvironment } from './core/environment.ts'
import type { EnvironmentAsked } from './core/environment-inputs.ts'
import { environmentTag, ownIdentifier, ownTopic } from './core/environment-names.ts'
import type { Inputs } from './core/model.ts'

/**
 * The inputs with everything of the spec under the names of the environment that they ask for.
 * @param asked database: that of the spec’s own schema.
 * @param of repository: `owner/name`, a part of the names. now: milliseconds since the epoch. pull: the
 * number of the pull request that the run is for.
 */
export function intoEnvironment(
  inputs: Inputs,
  asked: EnvironmentAsked & { name: string; database: string },
  of: { repository: string; now: number; pull?: number | undefined },
): { inputs: Inputs; names: EnvironmentNames } {
  const { name, expiresInMs, database } = asked
  const tag = environmentTag({ name, repository: of.repository }, sha256)
  const until = expiresInMs === undefined ? undefined : new Date(of.now + expiresInMs).toISOString()
  const environment = {
    ...{ name, tag },
    ...(until !== undefined && { until }),
    ...(of.pull !== undefined && { pull: of.pull }),
  }
  const within = { database, schema: inputs.schema }
  const { spec, names } = inEnvironment(inputs.spec, { environment, within })
  const { cluster, produce } = inputs
  const own = (topic: string | undefined) =>
    topic !== undefined && topic in names.topics ? ownTopic(topic, tag) : topic
  return {
    names,
    inputs: {
      ...inputs,
      ...{ environment, spec, schema: names.schema },
      // What an environment has made in Kafka is nobody else’s.
      deleteTopics: true,
      ...(cluster !== undefined && {
        cluster: cluster in names.clusters ? ownIdentifier(cluster, tag) : cluster,
      }),
      ...(produce && {
        produce: {
          ...withTopic(produce, own),
          records: produce.records.map((record) => withTopic(record, own)),
        },
      }),
    },
  }
}

function withTopic<T extends { topic?: string }>(
  of: T,
  own: (topic: string | undefined) => string | undefined,
): T {
  const topic = own(of.topic)
  return { ...of, ...(topic !== undefined && { topic }) }
}

/** Hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
