import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startKafka, type TestKafka } from './broker.ts'
import type { KafkaFacts } from './connection.ts'
import { reachableKafka, type ReachableKafka } from './reachable.ts'

// On globalThis, since jest loads the files of its global set-up and tear-down separately.
const owner = globalThis as { ownedTestKafka?: TestKafka }

/**
 * Starts the broker of this run, unless the environment already names one: TEST_KAFKA_FACTS is the
 * path of the file that holds its facts, and test workers inherit it.
 */
export async function startSharedKafka(): Promise<ReachableKafka> {
  const running = sharedKafka()
  if (running) return running

  const kafka = await startKafka()
  owner.ownedTestKafka = kafka
  const { version, brokers, caPem, wrongCaPem, client, stranger, users } = kafka
  const facts: KafkaFacts = { version, brokers, caPem, wrongCaPem, client, stranger, users }
  const file = join(kafka.directory, 'facts.json')
  await writeFile(file, JSON.stringify(facts))
  process.env['TEST_KAFKA_FACTS'] = file
  process.env['TEST_KAFKA_IS_OURS'] = 'true'
  return kafka
}

/** Stops the broker if this run started it. */
export async function stopSharedKafka(): Promise<void> {
  const kafka = owner.ownedTestKafka
  if (!kafka) return
  delete owner.ownedTestKafka
  delete process.env['TEST_KAFKA_FACTS']
  delete process.env['TEST_KAFKA_IS_OURS']
  await kafka.stop()
}

/** The broker of this run, or null when none was started for it. */
export function sharedKafka(): ReachableKafka | null {
  const file = process.env['TEST_KAFKA_FACTS']
  if (!file) return null
  return reachableKafka(JSON.parse(readFileSync(file, 'utf8')) as KafkaFacts)
}
