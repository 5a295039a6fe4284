import { setTimeout as delay } from 'node:timers/promises'
import type { MemoryKafka } from '../memory-kafka.ts'
import { createMemoryEngine } from '../memory-engine.ts'
import { startMaterialize, type StandInOptions } from '../stand-in.ts'
import { selfSigned } from './certificate.ts'
import { Connecting, PASSWORD_ROLE } from './connecting.ts'
import { Replay, type Outcome } from './replay.ts'
import { compareTopics } from './sink-topics.ts'
import { recordedKafka } from './topics.ts'

/** What stood before grants.jsonl was recorded: a bare role among others' objects. */
const BEFORE_GRANTS = [
  'CREATE ROLE gr_role',
  'CREATE SCHEMA gr',
  "CREATE CLUSTER gr_cl (SIZE '25cc')",
  "CREATE SECRET gr.theirs AS 'x'",
  "CREATE CONNECTION gr.theirc TO KAFKA (BROKER 'localhost:29092', SECURITY PROTOCOL 'PLAINTEXT')",
  "CREATE SOURCE gr.theirsrc IN CLUSTER quickstart FROM KAFKA CONNECTION gr.theirc (TOPIC 'hello') FORMAT TEXT",
  'CREATE TABLE gr.t (a int)',
]

/** Files that were recorded one after the other without anything dropped between them. */
export const GROUPS: readonly string[][] = [
  ['seed', 'catalog', 'options', 'session', 'privileges'],
  ['failures'],
  ['binary'],
  ['grants'],
  ['connect'],
]

/** Statements whose disagreement is known are not waited for. */
export async function replayGroup(
  files: readonly string[],
  isKnownGap: (file: string, sql: string) => boolean,
): Promise<Outcome[]> {
  const kafka = recordedKafka()
  const tls = files.includes('connect') ? selfSigned() : undefined
  const options: StandInOptions = {
    engine: createMemoryEngine(kafka),
    listeners: [
      { internal: true },
      { auth: 'password', tls, requireTls: true },
      { auth: 'scram', tls },
    ],
    roles: files.includes('connect') ? [PASSWORD_ROLE] : [],
  }
  const standIn = await startMaterialize(options)
  try {
    if (files.includes('connect')) {
      const connecting = new Connecting(standIn)
      await connecting.run()
      return connecting.outcomes
    }
    const replay = new Replay(standIn, kafka, isKnownGap)
    if (files.includes('grants')) await replay.prepare('system', BEFORE_GRANTS)
    for (const file of files) await replay.file(file)
    await replay.close()
    return [...replay.outcomes, ...(await writtenTopics(kafka, isKnownGap))]
  } finally {
    await standIn.stop()
  }
}

const WRITING_MS = 2500

/** Sinks may still be at the last change. */
async function writtenTopics(
  kafka: MemoryKafka,
  isKnownGap: (file: string, sql: string) => boolean,
): Promise<Outcome[]> {
  const deadline = Date.now() + WRITING_MS
  for (;;) {
    const compared = compareTopics(kafka)
    const waiting = compared.some(({ agrees, file, sql }) => !agrees && !isKnownGap(file, sql))
    if (!waiting || Date.now() >= deadline) return compared
    await delay(50)
  }
}
