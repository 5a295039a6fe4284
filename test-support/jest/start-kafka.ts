import { startSharedKafka } from '../kafka/shared.ts'

/** One broker serves all test files of a run. */
export default async function startKafkaOnce(): Promise<void> {
  await startSharedKafka()
}
