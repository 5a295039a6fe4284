import { stopSharedKafka } from '../kafka/shared.ts'

export default async function stopKafka(): Promise<void> {
  await stopSharedKafka()
}
