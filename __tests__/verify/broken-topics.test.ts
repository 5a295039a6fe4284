import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { startServices } from '../../test-support/pipeline/services.ts'
import {
  Bench,
  lookAtAll,
  type Outcome,
  type SetUp,
  until,
} from '../../test-support/pipeline/set-ups.ts'
import { expectAsSetUp, printTable } from './outcomes.ts'

/** Sources whose connection works and that do not: topics, rights, records, clusters, time. */

let bench: Bench
let outcomes: Outcome[]

const READ: ['topic', 'read'[]] = ['topic', ['read']]
const status = async (name: string): Promise<string> => {
  const [row] = await bench.sql(
    `SELECT status FROM mz_internal.mz_source_statuses WHERE name = '${name}'`,
  )
  return String(row?.['status'])
}
/** Of a source, as the user who has no rights but these. */
const limited = async (name: string): Promise<void> => {
  await bench.allow(name, [
    ['topic', ['describe', 'read']],
    ['group', ['read']],
  ])
  await bench.source(name, { user: 'none', with: `GROUP ID PREFIX '${name}-'` })
  await bench.isRead(name)
}

const SET_UPS: SetUp[] = [
  {
    name: 'the topic was deleted',
    make: async () => {
      await bench.source('deleted')
      await bench.isRead('deleted')
      await bench.kafka.withAdmin((admin) => admin.deleteTopics({ topics: ['deleted'] }))
      await until('noticed', async () => (await status('deleted')) === 'stalled')
      return { inputs: bench.inputs({ sources: 'deleted' }), object: 'deleted' }
    },
    verdict: 'broken',
    reason: 'topic-deleted',
    because: /does not see one either/,
  },
  {
    name: 'the topic was deleted and made again',
    make: async () => {
      await bench.source('again')
      await bench.isRead('again')
      await bench.kafka.withAdmin((admin) => admin.deleteTopics({ topics: ['again'] }))
      await until('noticed', async () => (await status('again')) === 'stalled')
      await bench.kafka.createTopic('again')
      return { inputs: bench.inputs({ sources: 'again' }), object: 'again' }
    },
    verdict: 'broken',
    reason: 'topic-deleted',
    because: /again, which it does not take up/,
  },
  {
    name: 'the topic was made anew while nothing ran',
    make: async () => {
      await bench.sql(`CREATE CLUSTER anew_cl (SIZE '25cc')`)
      await bench.source('anew', { cluster: 'anew_cl' })
      await bench.isRead('anew')
      await bench.sql('ALTER CLUSTER anew_cl SET (REPLICATION FACTOR 0)')
      await bench.kafka.withAdmin((admin) => admin.deleteTopics({ topics: ['anew'] }))
      await until('gone', async () => {
        const names = await bench.kafka.withAdmin((admin) => admin.listTopics())
        return !names.includes('anew')
      })
      await bench.kafka.createTopic('anew')
      await bench.sql('ALTER CLUSTER anew_cl SET (REPLICATION FACTOR 1)')
      return { inputs: bench.inputs({ sources: 'anew' }), object: 'anew' }
    },
    verdict: 'broken',
    reason: 'topic-recreated',
  },
  {
    name: 'the topic may be described and not read',
    make: async () => {
      await bench.allow('noread', [
        ['topic', ['describe']],
        ['group', ['read']],
      ])
      await bench.source('noread', { user: 'none', with: `GROUP ID PREFIX 'noread-'` })
      await until('refused', async () => (await status('noread')) === 'stalled')
      return { inputs: bench.inputs({ sources: 'noread' }, { user: 'none' }), object: 'noread' }
    },
    verdict: 'broken',
    reason: 'kafka-read-right',
  },
  {
    name: 'the right to read was taken away from one that had caught up',
    make: async () => {
      await limited('lost')
      await bench.kafka.removeAcls(bench.rules('lost', [READ]))
      return { inputs: bench.inputs({ sources: 'lost' }, { user: 'none' }), object: 'lost' }
    },
    verdict: 'broken',
    reason: 'kafka-read-right',
  },
  {
    name: 'the topic may not even be described any more',
    make: async () => {
      await limited('hidden')
      await bench.kafka.removeAcls(bench.rules('hidden', [['topic', ['describe', 'read']]]))
      return { inputs: bench.inputs({ sources: 'hidden' }, { user: 'none' }), object: 'hidden' }
    },
    verdict: 'broken',
    reason: 'kafka-read-right',
    runner: /lacks the right DESCRIBE/,
  },
  {
    name: 'neither topic nor group',
    make: async () => {
      await bench.allow('nogroup', [['topic', ['describe', 'read']]])
      await bench.source('nogroup', { user: 'none', with: `GROUP ID PREFIX 'nogroup-'` })
      return { inputs: bench.inputs({ sources: 'nogroup' }, { user: 'none' }), object: 'nogroup' }
    },
    // Materialize stalls for a moment, then reads without committing its offsets.
    verdict: 'idle',
  },
  {
    name: 'a record that is no JSON',
    make: async () => {
      await bench.source('badjson', { format: 'FORMAT JSON', records: ['{"a":1}', 'secret text'] })
      return { inputs: bench.inputs({ sources: 'badjson' }), object: 'badjson' }
    },
    verdict: 'broken',
    reason: 'rows-undecodable',
    because: /newest 2 record\(s\) 1 do not fit: partition 0 at 1/,
  },
  {
    name: 'a record without key for an upsert source',
    make: async () => {
      await bench.source('nokey', {
        format: 'KEY FORMAT TEXT VALUE FORMAT TEXT ENVELOPE UPSERT',
        records: ['a', 'b'],
      })
      return { inputs: bench.inputs({ sources: 'nokey' }), object: 'nokey' }
    },
    verdict: 'broken',
    reason: 'rows-undecodable',
    because: /2 do not fit/,
  },
  {
    name: 'a record that is no text, where the runner sees no Kafka',
    make: async () => {
      await bench.kafka.createTopic('blindbad_')
      await bench.kafka.produce('blindbad_', [{ value: Buffer.from([0xff, 0xfe]) }])
      await bench.connection('blindbad_c')
      await bench.sql(
        `CREATE SOURCE blindbad FROM KAFKA CONNECTION blindbad_c (TOPIC 'blindbad_') FORMAT TEXT`,
      )
      return { inputs: bench.inputs({ sources: 'blindbad' }, { blind: true }), object: 'blindbad' }
    },
    verdict: 'broken',
    reason: 'rows-undecodable',
  },
  {
    name: 'a cluster without replicas',
    make: async () => {
      await bench.sql(`CREATE CLUSTER off_cl (SIZE '25cc', REPLICATION FACTOR 0)`)
      await bench.source('off', { cluster: 'off_cl' })
      return { inputs: bench.inputs({ sources: 'off' }), object: 'off' }
    },
    verdict: 'paused',
    reason: 'cluster-without-replicas',
  },
  {
    name: 'it says running and stands still, with records waiting',
    make: async () => {
      await bench.source('still')
      await bench.isRead('still')
      standStill.add(await bench.idOf('still'))
      await bench.kafka.produce('still', ['three'])
      return { inputs: bench.inputs({ sources: 'still' }), object: 'still' }
    },
    verdict: 'stuck',
    reason: 'source-stuck',
  },
  {
    name: 'one of two replicas stalls',
    make: async () => {
      await bench.sql(`CREATE CLUSTER two_cl (SIZE '25cc', REPLICATION FACTOR 2)`)
      await bench.source('two', { cluster: 'two_cl' })
      await bench.isRead('two')
      const { statuses } = bench.services.standIn.environment
      const subject = { id: await bench.idOf('two'), of: 'source' as const }
      for (let n = 0; n < 2; n++) {
        const error = 'kafka: error consuming: BrokerTransportFailure'
        statuses.record(subject, { status: 'stalled', error, replicaId: 'u99' })
        statuses.record(subject, { status: 'running', replicaId: 'u1' })
      }
      return { inputs: bench.inputs({ sources: 'two' }), object: 'two' }
    },
    verdict: 'flowing',
    reason: 'replica-stalled',
  },
  {
    name: 'too far behind, and going on',
    make: async () => {
      await bench.source('late')
      await bench.isRead('late')
      behind.add(await bench.idOf('late'))
      return { inputs: bench.inputs({ sources: 'late', 'max-lag-seconds': '30' }), object: 'late' }
    },
    verdict: 'lagging',
    reason: 'lag-too-large',
  },
  {
    name: 'no new record for longer than allowed',
    make: async () => {
      await bench.source('silent')
      await bench.isRead('silent')
      return { inputs: bench.inputs({ sources: 'silent', 'max-silence': '1s' }), object: 'silent' }
    },
    verdict: 'idle',
    reason: 'silent-too-long',
  },
  {
    name: 'fewer rows than asked for',
    make: async () => {
      await bench.source('few')
      await bench.isRead('few')
      return { inputs: bench.inputs({ sources: 'few', 'min-rows': '3' }), object: 'few' }
    },
    verdict: 'idle',
    reason: 'rows-missing',
    because: /2 of 3 row/,
  },
  {
    name: 'as many rows as asked for',
    make: async () => ({
      inputs: bench.inputs({ sources: 'few', 'min-rows': '2' }),
      object: 'few',
    }),
    verdict: 'idle',
  },
  {
    name: 'the last offset is a marker’s, and nothing waits',
    make: async () => {
      await bench.kafka.createTopic('marked')
      await bench.kafka.produce('marked', ['a'], { transaction: 'commit' })
      await bench.connection('marked_c')
      await bench.sql(
        `CREATE SOURCE marked FROM KAFKA CONNECTION marked_c (TOPIC 'marked') FORMAT TEXT`,
      )
      await bench.isRead('marked')
      oneLess.add(await bench.idOf('marked'))
      return {
        inputs: bench.inputs({ sources: 'marked', 'max-lag-messages': '0' }),
        object: 'marked',
      }
    },
    verdict: 'idle',
    because: /^level with Kafka/,
  },
  {
    name: 'the last offset is a record’s, and it waits',
    make: async () => {
      await bench.source('waits')
      await bench.isRead('waits')
      oneLess.add(await bench.idOf('waits'))
      return { inputs: bench.inputs({ sources: 'waits' }), object: 'waits' }
    },
    verdict: 'stuck',
    reason: 'source-stuck',
    because: /^1 offset wait/,
  },
  {
    name: 'no such source',
    make: async () => ({ inputs: bench.inputs({ sources: 'nowhere' }), object: 'nowhere' }),
    verdict: 'missing',
    reason: 'object-missing',
    because: /no source of that name$/,
  },
  {
    name: 'the name of a table',
    make: async () => {
      await bench.sql('CREATE TABLE a_table (a int)')
      return { inputs: bench.inputs({ sources: 'a_table' }), object: 'a_table' }
    },
    verdict: 'missing',
    reason: 'object-missing',
    because: /name is that of a table/,
  },
  {
    name: 'the name of a progress relation',
    make: async () => ({
      inputs: bench.inputs({ sources: 'silent_progress' }),
      object: 'silent_progress',
    }),
    verdict: 'missing',
    reason: 'object-missing',
    because: /progress relation/,
  },
  {
    name: 'too little time to tell',
    make: async () => {
      await bench.source('hurried')
      await bench.isRead('hurried')
      standStill.add(await bench.idOf('hurried'))
      return { inputs: bench.inputs({ sources: 'hurried', timeout: '5s' }), object: 'hurried' }
    },
    verdict: 'unknown',
    reason: 'not-seen',
    because: /time ran out/,
  },
]

/** Ids of sources whose progress is to be an offset less, as that of servers is that count records. */
const oneLess = new Set<string>()
/** Ids of sources whose frontier is to be a minute late. */
const behind = new Set<string>()
/** Ids of sources whose frontier is to stay where it is. */
const standStill = new Set<string>()

beforeAll(async () => {
  bench = new Bench(await startServices())
  const { ingestions } = bench.services.standIn.environment
  const frontier = ingestions.frontier.bind(ingestions)
  const held = new Map<string, number | null>()
  jest.spyOn(ingestions, 'frontier').mockImplementation((id) => {
    if (behind.has(id)) return (frontier(id) ?? 0) - 60_000
    if (!standStill.has(id)) return frontier(id)
    if (!held.has(id)) held.set(id, frontier(id))
    return held.get(id) ?? null
  })
  const progress = ingestions.progress.bind(ingestions)
  jest.spyOn(ingestions, 'progress').mockImplementation((id) => {
    const found = progress(id)
    if (!oneLess.has(id)) return found
    return new Map([...(found ?? [])].map(([partition, offset]) => [partition, offset - 1n]))
  })
  outcomes = await lookAtAll(SET_UPS)
}, 600_000)
afterAll(async () => {
  printTable(outcomes, 'topics')
  await bench.services.stop()
})

describe('a source that does not work though its connection does', () => {
  test.each(SET_UPS)('$name: $verdict $reason', (setUp) => {
    expectAsSetUp(outcomes, setUp)
  })

  test('the text of a record is nowhere', () => {
    for (const { run } of outcomes) {
      expect(
        JSON.stringify(run, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      ).not.toContain('secret text')
    }
  })
})
