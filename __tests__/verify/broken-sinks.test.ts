import { afterAll, beforeAll, describe, jest, test } from '@jest/globals'
import { startKafka, type TestKafka } from '../../test-support/kafka/broker.ts'
import { startServices } from '../../test-support/pipeline/services.ts'
import {
  Bench,
  lookAtAll,
  type Outcome,
  type SetUp,
  until,
} from '../../test-support/pipeline/set-ups.ts'
import { expectAsSetUp, printTable } from './outcomes.ts'

/** Sinks that do not work, and a broker of its own kind: what is said of each. */

let bench: Bench
let special: TestKafka
let outcomes: Outcome[]

type Rules = Parameters<Bench['allow']>[1]
/** All that a sink needs of names that begin with its own. */
const ALL: Rules = [
  ['topic', ['read', 'write', 'describe', 'create']],
  ['transactionalId', ['write', 'describe']],
  ['group', ['read']],
]
const without = (resource: string): Rules => ALL.filter(([of]) => of !== resource)
const writes = (name: string): Promise<void> =>
  until(`${name} writes`, async () => {
    const topics = await bench.kafka.withAdmin((admin) => admin.listTopics())
    return topics.includes(`${name}-out`)
  })

/** A sink as the user who has no rights but these. */
const limited = (name: string, rules: Rules, prepare?: () => Promise<void>): SetUp['make'] => {
  return async () => {
    if (rules.length > 0) await bench.allow(name, rules)
    await prepare?.()
    await bench.sink(name, { user: 'none' })
    return { inputs: bench.inputs({ sinks: name }, { user: 'none' }), object: name }
  }
}

const SET_UPS: SetUp[] = [
  {
    name: 'no right to the transactional id',
    make: limited('no_txn', without('transactionalId')),
    verdict: 'broken',
    reason: 'kafka-transaction-right',
  },
  {
    name: 'no right to write to a topic that is there',
    make: async () => {
      await bench.kafka.createTopic('no_write-out')
      await bench.allow('no_write', without('topic'))
      await bench.allow('no_write-progress', [ALL[0]!])
      await bench.allow('no_write-out', [['topic', ['describe']]])
      await bench.sink('no_write', { user: 'none' })
      return { inputs: bench.inputs({ sinks: 'no_write' }, { user: 'none' }), object: 'no_write' }
    },
    verdict: 'broken',
    reason: 'kafka-write-right',
  },
  {
    name: 'no right to see a topic that is there',
    make: async () => {
      await bench.kafka.createTopic('no_see-out')
      await bench.allow('no_see', without('topic'))
      await bench.allow('no_see-progress', [ALL[0]!])
      await bench.sink('no_see', { user: 'none' })
      return { inputs: bench.inputs({ sinks: 'no_see' }, { user: 'none' }), object: 'no_see' }
    },
    verdict: 'broken',
    // Materialize sees no topic, and may not create one.
    reason: 'kafka-create-right',
  },
  {
    name: 'no right to create the topic',
    make: async () => {
      await bench.allow('no_create', without('topic'))
      await bench.allow('no_create-progress', [ALL[0]!])
      await bench.allow('no_create-out', [['topic', ['describe', 'write']]])
      await bench.sink('no_create', { user: 'none' })
      return { inputs: bench.inputs({ sinks: 'no_create' }, { user: 'none' }), object: 'no_create' }
    },
    verdict: 'broken',
    reason: 'kafka-create-right',
  },
  {
    name: 'no right to the progress topic',
    make: async () => {
      await bench.allow('no_progress', without('topic'))
      await bench.allow('no_progress-out', [ALL[0]!])
      await bench.sink('no_progress', { user: 'none' })
      return {
        inputs: bench.inputs({ sinks: 'no_progress' }, { user: 'none' }),
        object: 'no_progress',
      }
    },
    verdict: 'broken',
    reason: 'kafka-progress-right',
  },
  {
    name: 'no right to the group in which progress is read',
    make: async () => {
      await bench.kafka.createTopic('no_group-progress')
      await bench.kafka.produce('no_group-progress', ['some progress'])
      await bench.allow('no_group', without('group'))
      await bench.sink('no_group', { user: 'none' })
      return { inputs: bench.inputs({ sinks: 'no_group' }, { user: 'none' }), object: 'no_group' }
    },
    verdict: 'broken',
    reason: 'kafka-progress-right',
  },
  {
    name: 'the right to write was taken away from one that wrote',
    make: async () => {
      await bench.allow('lost_write', without('topic'))
      await bench.allow('lost_write-progress', [ALL[0]!])
      await bench.allow('lost_write-out', [ALL[0]!])
      await bench.sink('lost_write', { user: 'none' })
      await writes('lost_write')
      const write: Rules = [['topic', ['write', 'create', 'read']]]
      await bench.kafka.removeAcls(bench.rules('lost_write-out', write))
      await bench.sql('INSERT INTO lost_write_t VALUES (2)')
      return {
        inputs: bench.inputs({ sinks: 'lost_write' }, { user: 'none' }),
        object: 'lost_write',
      }
    },
    verdict: 'broken',
    reason: 'kafka-write-right',
  },
  {
    name: 'more replicas than brokers',
    make: async () => {
      await bench.sink('copies', { with: 'TOPIC REPLICATION FACTOR 3' })
      return { inputs: bench.inputs({ sinks: 'copies' }), object: 'copies' }
    },
    verdict: 'broken',
    reason: 'topic-replication',
  },
  {
    name: 'a progress topic with three partitions',
    make: async () => {
      await bench.kafka.createTopic('wide-progress', { partitions: 3 })
      await bench.sink('wide')
      return { inputs: bench.inputs({ sinks: 'wide' }), object: 'wide' }
    },
    verdict: 'broken',
    reason: 'progress-topic-partitions',
    because: /3 partitions/,
  },
  {
    name: 'a cluster that cannot serve transactions',
    make: async () => {
      await bench.sink('no_tx', { kafka: special })
      return { inputs: bench.inputs({ sinks: 'no_tx' }, { kafka: special }), object: 'no_tx' }
    },
    verdict: 'broken',
    reason: 'kafka-no-transactions',
  },
  {
    name: 'a mechanism that the brokers do not offer',
    make: async () => {
      await bench.source('offer', { kafka: special })
      await bench.alter('offer_c', `SET (SASL MECHANISMS 'PLAIN')`)
      return {
        inputs: bench.inputs({ sources: 'offer' }, { kafka: special, mechanism: 'PLAIN' }),
        object: 'offer',
      }
    },
    verdict: 'broken',
    reason: 'kafka-mechanism',
    because: /offers SCRAM-SHA-256/,
  },
  {
    name: 'wrong password of a sink',
    make: async () => {
      await bench.sink('sink_pw')
      await bench.secret('sink_pw_c_pw', 'wrong')
      await bench.alter('sink_pw_c', 'SET (SASL PASSWORD SECRET sink_pw_c_pw)')
      return { inputs: bench.inputs({ sinks: 'sink_pw' }), object: 'sink_pw' }
    },
    verdict: 'broken',
    reason: 'kafka-login',
  },
  {
    name: 'a cluster without replicas',
    make: async () => {
      await bench.sql(`CREATE CLUSTER snk_cl (SIZE '25cc', REPLICATION FACTOR 0)`)
      await bench.sink('snk_off', { cluster: 'snk_cl' })
      return { inputs: bench.inputs({ sinks: 'snk_off' }), object: 'snk_off' }
    },
    verdict: 'paused',
    reason: 'cluster-without-replicas',
  },
  {
    name: 'made from a source that is paused',
    make: async () => {
      await bench.sql(`CREATE CLUSTER up_cl (SIZE '25cc')`)
      await bench.source('up', { cluster: 'up_cl' })
      await bench.isRead('up')
      await bench.sql(
        `CREATE SINK up_out FROM up INTO KAFKA CONNECTION up_c (TOPIC 'up_out-out') FORMAT JSON ENVELOPE DEBEZIUM`,
      )
      await writes('up_out')
      standStill.add(await bench.idOf('up_out'))
      await bench.sql('ALTER CLUSTER up_cl SET (REPLICATION FACTOR 0)')
      return { inputs: bench.inputs({ sinks: 'up_out' }), object: 'up_out' }
    },
    verdict: 'stuck',
    reason: 'upstream-broken',
    because: /source .*"up", which is paused/,
  },
  {
    name: 'made from a view in a cluster without replicas',
    make: async () => {
      await bench.sql(
        `CREATE CLUSTER view_cl (SIZE '25cc', REPLICATION FACTOR 0)`,
        'CREATE TABLE view_t (a int)',
        'CREATE MATERIALIZED VIEW a_view IN CLUSTER view_cl AS SELECT a FROM view_t',
      )
      await bench.connection('view_c', { progressTopic: 'view-progress' })
      await bench.sql(
        `CREATE SINK of_view FROM a_view INTO KAFKA CONNECTION view_c (TOPIC 'of_view-out') FORMAT JSON ENVELOPE DEBEZIUM`,
      )
      standStill.add(await bench.idOf('of_view'))
      return { inputs: bench.inputs({ sinks: 'of_view' }), object: 'of_view' }
    },
    verdict: 'stuck',
    reason: 'upstream-broken',
    because: /view .*"a_view", whose cluster has no replica/,
  },
  {
    name: 'it says running and stands still',
    make: async () => {
      await bench.sink('snk_still')
      await writes('snk_still')
      standStill.add(await bench.idOf('snk_still'))
      return { inputs: bench.inputs({ sinks: 'snk_still' }), object: 'snk_still' }
    },
    verdict: 'stuck',
    reason: 'sink-stuck',
  },
  {
    name: 'the topic was deleted while nothing was to be written',
    make: async () => {
      await bench.sink('snk_gone')
      await writes('snk_gone')
      await bench.kafka.withAdmin((admin) => admin.deleteTopics({ topics: ['snk_gone-out'] }))
      return { inputs: bench.inputs({ sinks: 'snk_gone' }), object: 'snk_gone' }
    },
    verdict: 'broken',
    reason: 'topic-deleted',
  },
  {
    name: 'a connection that nothing uses',
    make: async () => {
      await bench.connection('lonely')
      return { inputs: bench.inputs({ connection: 'lonely' }), object: 'lonely' }
    },
    verdict: '',
    reason: 'nothing-to-check',
  },
  {
    name: 'no such connection',
    make: async () => ({ inputs: bench.inputs({ connection: 'nobody' }), object: 'nobody' }),
    verdict: 'missing',
    reason: 'object-missing',
  },
  {
    name: 'a cluster for reading that is not there',
    make: async () => ({
      inputs: bench.inputs({ sinks: 'snk_still', cluster: 'no_such' }),
      object: 'snk_still',
    }),
    verdict: '',
    reason: 'cluster-unknown',
  },
]

/** Ids of sinks whose frontier is to stay where it is. */
const standStill = new Set<string>()

beforeAll(async () => {
  special = await startKafka({
    properties: {
      'transaction.state.log.replication.factor': '3',
      'transaction.state.log.min.isr': '2',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
    },
  })
  bench = new Bench(await startServices())
  const { exports } = bench.services.standIn.environment
  const frontier = exports.frontier.bind(exports)
  const held = new Map<string, number>()
  jest.spyOn(exports, 'frontier').mockImplementation((id) => {
    if (!standStill.has(id)) return frontier(id)
    if (!held.has(id)) held.set(id, frontier(id))
    return held.get(id) ?? 0
  })
  outcomes = await lookAtAll(SET_UPS)
}, 600_000)
afterAll(async () => {
  printTable(outcomes, 'sinks')
  await bench.services.stop()
  await special.stop()
})

describe('a sink that does not work', () => {
  test.each(SET_UPS)('$name: $verdict $reason', (setUp) => {
    expectAsSetUp(outcomes, setUp)
  })
})
