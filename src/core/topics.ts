import { type Difference, differs } from './difference.ts'
import type { FailureFacts } from './failure.ts'
import type { QualifiedName } from './model-object.ts'
import type { Spec, TopicSpec } from './model.ts'
import { findObject, type Observed, type ObservedTopic, sameName } from './observed.ts'
import { literal } from './sql.ts'
import { isSameSetting } from './topic-settings.ts'

/** What is to be done to a topic of the spec. */
export interface TopicStep {
  connection: QualifiedName
  spec: TopicSpec
  action: 'create' | 'alter' | 'keep'
  /**
   * Whether this action made it, by the mark of its connection, or is about to, since Kafka showed
   * that it is not there. Where Kafka was not seen, a topic may well be somebody else’s.
   */
  ours: boolean
  differences: Difference[]
}

/** @param observed with the topics as Kafka showed them; none of a Kafka that cannot be seen. */
export function topicSteps(
  spec: Spec,
  observed: Observed,
): { steps: TopicStep[]; refusals: FailureFacts[] } {
  const refusals: FailureFacts[] = []
  const steps = spec.topics.map((topic): TopicStep => {
    const { connection, name } = topic
    const marker = findObject(observed, connection)?.marker
    const ours = marker?.topics?.includes(name) ?? false
    const there = observed.topics.find(
      (one) => one.name === name && sameName(one.connection, connection),
    )
    if (!there?.exists) {
      const missing = there !== undefined
      return { connection, spec: topic, action: 'create', ours: ours || missing, differences: [] }
    }
    const differences = topicDifferences(topic, there)
    const impossible = differences.filter((one) => one.means === 'impossible')
    if (impossible.length > 0) {
      refusals.push({
        reason: 'definition-differs',
        message: `The topic ${name} cannot be changed so: ${impossible.map((one) => `${one.attribute} is ${literal(one.there)}, not ${literal(one.asked)}`).join('; ')}.`,
        inputs: ['spec'],
      })
    }
    const action = differences.length > 0 ? 'alter' : 'keep'
    return { connection, spec: topic, action, ours, differences }
  })
  return { steps, refusals }
}

function topicDifferences(spec: TopicSpec, there: ObservedTopic): Difference[] {
  const differences: Difference[] = []
  const number = (attribute: string, values: { there: number; asked: number }): Difference[] =>
    differs(
      attribute,
      { there: String(values.there), asked: String(values.asked) },
      attribute === 'partitions' && values.asked > values.there ? 'alter' : 'impossible',
    )
  differences.push(
    // The topic that it is a copy of may have got more since.
    ...(spec.copyOf
      ? []
      : number('partitions', { there: there.partitions, asked: spec.partitions })),
    // -1 asks for whatever the broker gives.
    ...(spec.replicationFactor === -1
      ? []
      : number('replication-factor', {
          there: there.replicationFactor,
          asked: spec.replicationFactor,
        })),
  )
  for (const [name, asked] of Object.entries(spec.config)) {
    const present = there.config?.get(name)
    // What may not be seen cannot be compared, and must not look like drift.
    if (there.config === undefined || (present !== undefined && isSameSetting(asked, present))) {
      continue
    }
    differences.push(...differs(`config.${name}`, { there: present, asked }, 'alter'))
  }
  return differences
}
