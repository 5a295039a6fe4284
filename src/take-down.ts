import { type ApplyEdges, send } from './apply.ts'
import { toFailure } from './core/failure.ts'
import { targetName } from './core/sql.ts'
import { topicsToDelete } from './core/teardown.ts'
import { note } from './observe.ts'
import type { Planned, Work } from './work.ts'

/**
 * Drops what this action made: sinks, views and sources first, then, if asked for, the topics that it
 * made, and only then the connections, whose marks say which topics those are.
 */
export async function takeDown(planned: Planned, work: Work): Promise<void> {
  const { edges, session, report } = work
  const applying: ApplyEdges = { ...edges, session, report, makeTopics: () => Promise.resolve() }
  const isBase = (kind: string): boolean => ['connection', 'secret', 'cluster'].includes(kind)
  const drop = async (drops: Planned['drops']): Promise<void> => {
    for (const { target, statement } of drops) {
      const object = targetName(target)
      edges.log.info(`Dropping ${target.kind} ${object}`)
      try {
        await send(statement, applying)
      } catch (thrown) {
        const failure = toFailure(thrown)
        // Another run, or this one's cluster, was quicker.
        if (failure.reason !== 'relation-unknown') throw failure
        continue
      }
      report.changes.push({ object, kind: target.kind, action: 'drop' })
    }
  }
  await drop(planned.drops.filter(({ target }) => !isBase(target.kind)))
  if (work.inputs.deleteTopics) await deleteTopics(work)
  await drop(planned.drops.filter(({ target }) => isBase(target.kind)))
}

async function deleteTopics(work: Work): Promise<void> {
  const { inputs, observed, edges, sights, report } = work
  for (const { connection, topics } of topicsToDelete(inputs.spec, observed, edges.repository)) {
    const kafka = sights.of(connection)?.kafka
    if (topics.length === 0) continue
    if (!kafka) {
      note(`This runner does not see Kafka: topics stay: ${topics.join(', ')}.`, work)
      continue
    }
    const deletions = await kafka.deleteTopics(topics)
    for (const { name, deleted } of deletions) {
      if (deleted) report.changes.push({ object: name, kind: 'topic', action: 'drop' })
    }
    const failed = deletions.find((deletion) => deletion.failure)?.failure
    if (failed) throw failed
  }
}
