import { startProcesses } from '../test-support/pipeline/processes.ts'
import { leaksIn, runBundle } from '../test-support/runner/run-bundle.ts'

/**
 * What a first user sees: records produced a moment ago come out of the action as rows, and of the
 * sink’s topic as messages. `npm start`; with MATERIALIZE_URL and KAFKA_* set, on the real thing.
 */

const say = (text: string): void => {
  console.log(text)
}

const begun = Date.now()
if (!process.env['MATERIALIZE_URL']) {
  say('# Starting Kafka (the first time it is fetched by Maven) and the stand-in for Materialize')
}
const place = await startProcesses(process.env)
// Names of this run, so that a real server that has seen the demo before shows it from the start.
const name = `demo_${Date.now().toString(36)}`
const topics = { source: name, sink: `${name}_out` }
try {
  await place.createTopic(topics.source)
  await place.produce(topics.source, ['hello', 'world', 'and again'])
  say(
    `\n# Three records lie on topic ${topics.source}. The action runs, as a workflow step would:\n`,
  )
  const inputs = {
    ...place.inputs,
    connection: name,
    source: `${name}_in`,
    topic: topics.source,
    format: 'bytes',
    sink: topics.sink,
    'sink-from': `${name}_in`,
    'sink-topic': topics.sink,
    'min-rows': '3',
    'show-rows': 'summary',
    timeout: '2m',
  }
  const run = await runBundle(inputs, { withinMs: 180_000 })
  say(indent(withoutMasks(run.stdout)))
  say('# Outputs, for the next step:\n')
  for (const [output, value] of Object.entries(run.outputs)) say(`  ${output} = ${value}`)
  say('\n# Summary, for the page of the run:\n')
  say(indent(readable(run.summary)))

  say('# The same again changes nothing:\n')
  const again = await runBundle(inputs, { withinMs: 180_000 })
  say(`  status = ${again.outputs['status'] ?? ''}, changed = ${again.outputs['changed'] ?? ''}\n`)

  const leaks = [...leaksIn(run, place.secrets), ...leaksIn(again, place.secrets)]
  for (const leak of leaks) say(`  LEAKED: ${leak}`)
  const well = run.outputs['status'] === 'healthy' && again.outputs['changed'] === 'false'
  process.exitCode = well && leaks.length === 0 ? 0 : 1
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  say(`# ${well ? 'It works' : 'Something is wrong'}, after ${seconds} s.`)
} finally {
  await place.stop()
}

/** The runner takes these lines out of the log. */
function withoutMasks(stdout: string): string {
  return stdout
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
}

/** The page’s text as a person reads it: character references and marks of code resolved. */
function readable(markdown: string): string {
  return markdown
    .replace(/<\/?(code|details|summary)>/g, '')
    .replace(/&#(\d+);/g, (_reference, code: string) => String.fromCodePoint(Number(code)))
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ').trimEnd() + '\n'
}
