/**
 * How long canaries take, isolated and inline, and which leg fails where a sink is stalled. Run by
 * `npm run canary-bench`, with the number of canaries as an argument. It asserts nothing.
 */
import { startSharedKafka, stopSharedKafka } from '../test-support/kafka/shared.ts'
import { runHere } from '../test-support/pipeline/run-here.ts'
import { startServices } from '../test-support/pipeline/services.ts'
import { stalledSink } from '../test-support/pipeline/stalled-sink.ts'
import { table } from './figures.ts'

const COUNT = process.argv[2] ?? '20'
const LEGS = ['acknowledged', 'ingested', 'sunk', 'total'] as const

await startSharedKafka()
const services = await startServices()
try {
  await services.kafka.createTopic('bench')
  const pipeline = {
    ...services.inputs(),
    ...{ connection: 'bench', source: 'bench_in', topic: 'bench', format: 'json' },
    ...{ sink: 'bench_out', 'sink-topic': 'bench-out', 'canary-count': COUNT },
  }
  const stalled = await stalledSink(services)
  const rows: string[][] = []
  for (const [name, inputs] of [
    ['isolated', { ...pipeline, canary: 'isolated' }],
    ['inline', { ...pipeline, canary: 'inline' }],
    ['inline, the sink stalled', { ...stalled, canary: 'inline', 'canary-count': COUNT }],
  ] as const) {
    const { report } = await runHere(inputs)
    const [canary] = report.canaries
    if (!canary) throw new Error(JSON.stringify(report.failure))
    const spreads = LEGS.map((leg) => {
      const of = canary.spread[leg]
      return of ? [of.min, of.median, of.p90, of.max].map(String).join(' / ') : ''
    })
    rows.push([name, String(canary.times.length), ...spreads, String(canary.setUpMs ?? '')])
    console.log(`${name}: ${canary.reason ?? 'well'}, ${canary.because}`)
  }
  console.log(table(['canaries', 'records', ...LEGS, 'getting ready'], rows))
} finally {
  await services.stop()
  await stopSharedKafka()
}
process.exit()
