import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { startProcesses } from '../test-support/pipeline/processes.ts'
import { startUp } from './contenders.ts'
import type { Figures } from './contenders.ts'
import { megabytes, median, seconds, table, times } from './figures.ts'
import { openGround, type Ground } from './ground.ts'

/**
 * The bundle against bare pg that sends the same statements one by one, on one server and in turn:
 * `npm run bench`, with MATERIALIZE_URL and KAFKA_* set on the real thing. It asserts nothing.
 */

const { values: given } = parseArgs({
  options: {
    /** How many pipelines, a source and a sink each. */
    pipelines: { type: 'string', default: '1,10,100' },
    /** How often each; left out: 3 times, and twice from 100 on. */
    rounds: { type: 'string' },
    /** Compares values of max-parallel with one another, instead of the bundle with pg. */
    parallel: { type: 'boolean', default: false },
  },
})
const WIDTHS = [1, 2, 4, 8]
const counts = given.pipelines.split(',').map(Number)
const root = fileURLToPath(new URL('..', import.meta.url))
const say = (text: string): void => {
  console.log(text)
}

const places = await startProcesses(process.env)
const ground = await openGround(places, Math.max(...counts))
try {
  // What only the first run on a new server costs counts for nobody.
  await ground.bundle(1)
  await ground.barePg(1)
  if (given.parallel) await compareWidths(ground)
  else await compareWithPg(ground)
} finally {
  await ground.clear()
  await places.stop()
}

function roundsOf(count: number): number {
  return given.rounds === undefined ? (count < 100 ? 3 : 2) : Number(given.rounds)
}

async function compareWithPg(on: Ground): Promise<void> {
  await tellStartUp()
  const rows: string[][] = []
  for (const count of counts) {
    const rounds: { first: Figures; again: Figures; pg: Figures }[] = []
    for (let round = 0; round < roundsOf(count); round++) {
      const early = round % 2 === 1 ? await on.barePg(count) : undefined
      const { first, again } = await on.bundle(count)
      const pg = early ?? (await on.barePg(count))
      rounds.push({ first, again, pg })
      say(`${String(count)} pipeline(s), round ${String(round + 1)}:`)
      say(`  bundle   ${inWords(first)}`)
      say(`  again    ${inWords(again)}`)
      say(`  bare pg  ${inWords(pg)}`)
    }
    const middle = (of: (round: (typeof rounds)[number]) => number): number =>
      median(rounds.map(of))
    const peak = (who: 'first' | 'again' | 'pg'): string =>
      megabytes(Math.max(...rounds.map((round) => round[who].peakBytes)))
    const trips = (who: 'first' | 'again' | 'pg'): string =>
      String(middle((round) => round[who].statements + round[who].sessions))
    rows.push([
      `${String(count)} (${String(rounds.length)})`,
      times(middle(({ first, pg }) => first.madeMs / pg.madeMs)),
      times(middle(({ first, pg }) => first.wholeMs / pg.wholeMs)),
      times(middle(({ again, pg }) => again.wholeMs / pg.wholeMs)),
      seconds(middle(({ pg }) => pg.wholeMs)),
      `${trips('first')}, ${trips('again')}, ${trips('pg')}`,
      `${peak('first')}, ${peak('again')}, ${peak('pg')}`,
    ])
  }
  say('\nTimes are ratios to bare pg’s in the same round; medians of the rounds, largest memory.\n')
  say(
    table(
      [
        'pipelines (rounds)',
        'until all is made',
        'until all is shown to work',
        'the same again',
        'bare pg',
        'round trips: bundle, again, pg',
        'peak memory: bundle, again, pg',
      ],
      rows,
    ),
  )
}

/** In turn, and each round from another end, so that nobody is always the first. */
async function compareWidths(on: Ground): Promise<void> {
  const { inputs } = parse(readFileSync(`${root}action.yml`, 'utf8')) as { inputs: object }
  if (!('max-parallel' in inputs)) {
    say('action.yml has no input max-parallel: there is nothing to compare.')
    return
  }
  const rows: string[][] = []
  for (const count of counts) {
    const seen = new Map(WIDTHS.map((width) => [width, [] as Figures[]]))
    for (let round = 0; round < roundsOf(count); round++) {
      for (const width of round % 2 === 1 ? WIDTHS.toReversed() : WIDTHS) {
        const { first } = await on.bundle(count, { 'max-parallel': String(width) })
        seen.get(width)?.push(first)
        say(`${String(count)} pipeline(s), ${String(width)} at once: ${inWords(first)}`)
      }
    }
    const alone = seen.get(1) ?? []
    const against = (all: Figures[], of: (one: Figures) => number): string =>
      times(median(all.map((one, round) => of(one) / of(alone[round] ?? one))))
    for (const [width, all] of seen) {
      rows.push([
        `${String(count)} (${String(all.length)})`,
        String(width),
        seconds(median(all.map((one) => one.madeMs))),
        against(all, (one) => one.madeMs),
        against(all, (one) => one.wholeMs),
        megabytes(Math.max(...all.map((one) => one.peakBytes))),
      ])
    }
  }
  const made = 'until all is made'
  const works = 'until all is shown to work'
  say('\nRatios are to one at a time in the same round; medians of the rounds, largest memory.\n')
  say(table(['pipelines (rounds)', 'max-parallel', made, made, works, 'peak memory'], rows))
}

async function tellStartUp(): Promise<void> {
  const { size } = statSync(`${root}dist/index.js`)
  const { bundle, node } = await startUp(7)
  say(
    `dist/index.js: ${(size / 1e6).toFixed(2)} MB; ${seconds(median(bundle))} until it has refused a wrong input (a Node that does nothing: ${seconds(median(node))})`,
  )
}

function inWords({ madeMs, wholeMs, sessions, statements, ddl, peakBytes }: Figures): string {
  const made = madeMs === 0 ? '' : ` (last DDL answered after ${seconds(madeMs)})`
  return `${seconds(wholeMs)}${made}, ${String(statements)} statements, ${String(ddl)} of them DDL, in ${String(sessions)} session(s), ${megabytes(peakBytes)}`
}
