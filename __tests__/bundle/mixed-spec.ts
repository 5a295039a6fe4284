import type { Services } from '../../test-support/pipeline/services.ts'
import { secureKafka, type SpecFile } from '../../test-support/pipeline/spec-runs.ts'

/**
 * A little of everything: a cluster, two connections with and without secrets, topics to be made,
 * sources that go into one transaction, a view, two sinks, owners, grants and a comment. It lies in a
 * schema of the name given; its cluster and topics have it too.
 */
export function mixedSpec(services: Services, own: string): SpecFile {
  const s1 = { connection: 'safe', topic: `${own}-1`, format: 'text' }
  const s2 = { connection: 'open', topic: `${own}-2`, format: 'text' }
  return {
    connections: {
      safe: { kafka: secureKafka(services), owner: 'etl' },
      open: { kafka: { brokers: [services.kafka.brokers.PLAINTEXT], protocol: 'PLAINTEXT' } },
    },
    clusters: { [own]: { size: '25cc' } },
    topics: {
      [`${own}-1`]: { connection: 'safe', partitions: 2 },
      [`${own}-2`]: { connection: 'open' },
    },
    sources: {
      s1: { ...s1, comment: 'Words of ours', grants: [{ to: 'analysts', privileges: ['select'] }] },
      s2,
      s3: { ...s2, owner: 'etl' },
    },
    views: { v: { sql: 'SELECT text, count(*) AS n FROM s1 GROUP BY text' } },
    sinks: {
      k1: { from: 's2', connection: 'open', topic: `${own}-out1` },
      k2: {
        from: 'v',
        connection: 'safe',
        topic: `${own}-out2`,
        envelope: 'upsert',
        key: ['text'],
      },
    },
    defaults: { schema: own, cluster: own },
  }
}
