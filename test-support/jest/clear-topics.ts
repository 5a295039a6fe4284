import { beforeAll, expect } from '@jest/globals'
import { sharedKafka } from '../kafka/shared.ts'

// Every file begins with an empty broker: a topic that two files name alike, or that one finds in a
// list of all, would make the one that comes later fail. A broker that this run did not start is not
// ours to empty.
if (
  process.env['TEST_KAFKA_IS_OURS'] &&
  !expect.getState().testPath?.includes('/__tests__/core/')
) {
  beforeAll(async () => {
    await sharedKafka()?.withAdmin(async (admin) => {
      const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'))
      if (topics.length > 0) await admin.deleteTopics({ topics })
    })
  })
}
