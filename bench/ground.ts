import type { ServiceProcesses } from '../test-support/pipeline/processes.ts'
import { runSql } from '../test-support/pipeline/services.ts'
import { type Asked, barePg, bundle, type Figures, pgConfig } from './contenders.ts'
import { secretsOf, sinkTopicsOf, specOf, statementsOf } from './pipelines.ts'

/** One server and its Kafka, on which each contender makes its pipelines and has them taken away. */
export interface Ground {
  /** The first run makes them, the second finds nothing to do. */
  bundle(count: number, inputs?: Inputs): Promise<{ first: Figures; again: Figures }>
  barePg(count: number): Promise<Figures>
  /** Deletes the topics that the sources read. */
  clear(): Promise<void>
}

type Inputs = Record<string, string>

/** @param most how many pipelines there will be at once: each has a topic with three records. */
export async function openGround(place: ServiceProcesses, most: number): Promise<Ground> {
  // In every name, so that what another bench left behind is in nobody’s way.
  const stamp = `bench_${Date.now().toString(36)}`
  const { inputs } = place
  const topics: string[] = []
  let turns = 0
  const clear = async (): Promise<void> => {
    if (topics.length > 0) await place.deleteTopics(topics)
  }
  /** A contender’s turn under names of its own; nothing of it is left. */
  const turn = async <T>(count: number, run: (asked: Asked) => Promise<T>): Promise<T> => {
    const prefix = `${stamp}_${String(turns++)}`
    const asked: Asked = {
      spec: specOf(prefix, topics.slice(0, count), inputs),
      inputs: {
        'materialize-url': inputs['materialize-url'] ?? '',
        'materialize-sslmode': inputs['materialize-sslmode'] ?? '',
      },
      env: secretsOf(inputs),
    }
    const tidy = async (): Promise<void> => {
      const progress = await progressTopicsOf(prefix, inputs)
      await bundle(withInput(asked, 'mode', 'teardown'))
      await place.deleteTopics([...sinkTopicsOf(prefix, count), ...progress])
    }
    let result: T
    try {
      result = await run(asked)
    } catch (error) {
      // What went wrong first is what to report.
      await tidy().catch(() => undefined)
      throw error
    }
    await tidy()
    return result
  }
  try {
    for (let n = 0; n < most; n++) {
      const topic = `${stamp}_topic_${String(n)}`
      await place.createTopic(topic)
      topics.push(topic)
      await place.produce(topic, ['one', 'two', 'three'])
    }
  } catch (error) {
    await clear()
    throw error
  }
  return {
    bundle: (count, more = {}) =>
      turn(count, async (asked) => {
        const given = { ...asked, inputs: { ...asked.inputs, ...more } }
        const { figures: first } = await bundle(given)
        const { figures: again, run } = await bundle(given)
        if (run.outputs['has-changes'] !== 'false') throw new Error('the second run had changes')
        return { first, again }
      }),
    barePg: (count) =>
      turn(count, async (asked) => {
        const { run } = await bundle(withInput(asked, 'mode', 'plan'))
        const { planSql } = JSON.parse(run.report) as { planSql: string[] }
        return barePg(pgConfig(inputs), statementsOf(planSql, inputs))
      }),
    clear,
  }
}

function withInput(asked: Asked, name: string, value: string): Asked {
  return { ...asked, inputs: { ...asked.inputs, [name]: value } }
}

/** Materialize keeps a connection’s when it is dropped. */
async function progressTopicsOf(connection: string, inputs: Inputs): Promise<string[]> {
  const read = (text: string) => runSql(pgConfig(inputs), [text])
  const found = await read(`SELECT id FROM mz_catalog.mz_connections WHERE name = '${connection}'`)
  const id = String(found[0]?.['id'] ?? '')
  const [row] = await read(
    `SELECT sink_progress_topic FROM mz_catalog.mz_kafka_connections WHERE id = '${id}'`,
  )
  return row ? [String(row['sink_progress_topic'])] : []
}
