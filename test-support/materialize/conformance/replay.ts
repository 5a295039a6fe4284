import { setTimeout as delay } from 'node:timers/promises'
import type { MemoryKafka } from '../memory-kafka.ts'
import type { StandIn } from '../stand-in.ts'
import { normalize, same } from './normalize.ts'
import { Sessions } from './sessions.ts'
import { doToKafka } from './topics.ts'
import {
  isStatement,
  transcript,
  type EventLine,
  type GrantStep,
  type StatementLine,
} from './transcript.ts'

export interface Outcome {
  file: string
  sql: string
  agrees: boolean
  expected: unknown
  actual: unknown
}

/** How long statuses may take to become what the recording waited for. */
const SETTLE_MS = 2500
const POLL_MS = 40
/** A statement that hung for the recording is given this long. */
const HANG_MS = 400

export class Replay {
  readonly outcomes: Outcome[] = []
  private readonly sessions: Sessions
  private readonly kafka: MemoryKafka

  private readonly isKnownGap: (file: string, sql: string) => boolean

  constructor(standIn: StandIn, kafka: MemoryKafka, isKnownGap: Replay['isKnownGap']) {
    this.sessions = new Sessions(standIn)
    this.kafka = kafka
    this.isKnownGap = isKnownGap
  }

  async file(file: string): Promise<void> {
    for (const line of transcript(file)) {
      if (isStatement(line)) await this.statement(file, line)
      else await this.event(file, line)
    }
  }

  async prepare(as: string, statements: string[]): Promise<void> {
    const session = await this.sessions.of(as)
    for (const sql of statements) {
      const answer = await session.ask(sql)
      if (answer.error !== undefined) throw new Error(`${sql}: ${answer.error.message}`)
    }
  }

  async close(): Promise<void> {
    await this.sessions.close()
  }

  record(outcome: Outcome): void {
    this.outcomes.push(outcome)
  }

  private async statement(file: string, line: StatementLine): Promise<void> {
    const { sql } = line
    const session = await this.sessions.of(line.as)
    if (line.no_answer_within_ms !== undefined) {
      const asked = session.ask(sql)
      const answer = await Promise.race([asked, delay(HANG_MS, undefined)])
      const actual = answer === undefined ? 'no answer' : normalize(sql, answer)
      this.record({ file, sql, agrees: answer === undefined, expected: 'no answer', actual })
      // The recording threw such a session away as well.
      await this.sessions.drop(line.as)
      return
    }
    let answer = await session.ask(sql, line.params)
    const deadline = Date.now() + (this.isKnownGap(file, sql) ? 0 : SETTLE_MS)
    while (isPolled(line) && !same(sql, line, answer) && Date.now() < deadline) {
      await delay(POLL_MS)
      answer = await session.ask(sql, line.params)
    }
    this.record({
      file,
      sql,
      agrees: same(sql, line, answer),
      expected: normalize(sql, line),
      actual: normalize(sql, answer),
    })
  }

  private async event(file: string, line: EventLine): Promise<void> {
    switch (line.event) {
      case 'startup': {
        await this.sessions.drop(line.as)
        const { parameters } = await this.sessions.of(line.as)
        this.record({
          file,
          sql: `(startup as ${line.as ?? 'user'})`,
          agrees: sorted(parameters) === sorted(line.parameters!),
          expected: line.parameters,
          actual: parameters,
        })
        return
      }
      case 'kafka':
        return doToKafka(this.kafka, line.did!)
      case 'wait':
        return delay(300)
      case 'grants':
        return this.grants(file, line)
      default:
        throw new Error(`an event that belongs elsewhere: ${line.event}`)
    }
  }

  /** Denied, granted, denied again for another reason, until it passes. */
  private async grants(file: string, line: EventLine): Promise<void> {
    const role = await this.sessions.of(line.as)
    const system = await this.sessions.of('system')
    const actual: GrantStep[] = []
    for (const step of line.steps!) {
      if (typeof step === 'object' && 'granted' in step) {
        const { error } = await system.ask(step.granted)
        actual.push({
          granted: step.granted,
          ...(error === undefined ? {} : { failed: error.message }),
        })
      } else actual.push(stepOf(await role.ask(line.sql!)))
    }
    this.record({
      file,
      sql: line.sql!,
      agrees: JSON.stringify(actual) === JSON.stringify(line.steps),
      expected: line.steps,
      actual,
    })
  }
}

function stepOf(
  answer: Awaited<ReturnType<Awaited<ReturnType<Sessions['of']>>['ask']>>,
): GrantStep {
  if (answer.error === undefined) return 'ok'
  const { code = '', message, detail } = answer.error
  return { code, message, ...(detail === undefined ? {} : { detail }) }
}

function sorted(parameters: Record<string, string>): string {
  return JSON.stringify(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Reading may be repeated until it says what the recording waited for. */
function isPolled(line: StatementLine): boolean {
  return /^\s*select\b/i.test(line.sql) && line.error === undefined && line.params === undefined
}
