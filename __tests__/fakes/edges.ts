import { startDeadline } from '../../src/core/deadline.ts'
import { Failure } from '../../src/core/failure.ts'
import type { Inputs } from '../../src/core/model.ts'
import type { Statement } from '../../src/core/sql.ts'
import type {
  Clock,
  Kafka,
  KafkaView,
  Log,
  MaterializeSession,
  ResultSet,
  TopicTail,
} from '../../src/ports.ts'
import type { Edges, WholeKafka } from '../../src/work.ts'

/** Doubles of the ports that answer from a table and remember what they were asked. */

export type Answer = string[][] | Failure | ((count: number) => string[][] | Failure | 'hang')

export interface FakeEdges extends Edges {
  sent: string[]
  closed: string[]
  logged: string[]
  cancel: (failure: Failure) => void
}

/** A catalog that holds nothing but its cluster and schema, and answers every read of the action. */
const emptyServer: [RegExp, Answer][] = [
  [/^SELECT current_user/, [['role'], ['materialize']]],
  [/^SHOW cluster/, [['cluster'], ['quickstart']]],
  [
    /mz_databases/,
    [
      ['id', 'name'],
      ['u1', 'materialize'],
    ],
  ],
  [
    /mz_schemas/,
    [
      ['id', 'name', 'database_id'],
      ['u3', 'public', 'u1'],
    ],
  ],
  [
    /mz_clusters/,
    [
      ['id', 'name'],
      ['u1', 'quickstart'],
    ],
  ],
  [/mz_cluster_replicas/, [['cluster_id'], ['u1']]],
  [/^SELECT mz_now/, [['now'], ['1000']]],
]

/** What the catalog shows once source and sink are made, healthy and at the watermark. */
export const madeServer: [RegExp, Answer][] = [
  [
    /mz_objects WHERE name/,
    (count) =>
      count === 1
        ? [['id', 'schema_id', 'name', 'type']]
        : [
            ['id', 'schema_id', 'name', 'type'],
            ['u12', 'u3', 'kafka', 'connection'],
            ['u14', 'u3', 'hello', 'source'],
            ['u15', 'u3', 'hello_out', 'sink'],
          ],
  ],
  [
    /SELECT object_id, referenced/,
    [
      ['object_id', 'referenced_object_id'],
      ['u14', 'u13'],
      ['u14', 'u12'],
      ['u15', 'u14'],
      ['u15', 'u12'],
    ],
  ],
  [
    /type = 'progress'/,
    [
      ['id', 'schema_id', 'name'],
      ['u13', 'u3', 'hello_progress'],
    ],
  ],
  [
    /FROM mz_catalog.mz_connections/,
    [
      ['id', 'type', 'create_sql'],
      [
        'u12',
        'kafka',
        `CREATE CONNECTION "m"."p"."kafka" TO KAFKA (BROKER = 'b:9092', SECURITY PROTOCOL = 'PLAINTEXT')`,
      ],
    ],
  ],
  [
    /mz_kafka_connections/,
    [
      ['id', 'brokers'],
      ['u12', '{b:9092}'],
    ],
  ],
  [
    /FROM mz_catalog.mz_sources/,
    [
      ['id', 'type', 'connection_id', 'envelope_type', 'value_format', 'cluster_id'],
      ['u14', 'kafka', 'u12', 'none', 'bytes', 'u1'],
    ],
  ],
  [
    /FROM mz_catalog.mz_sinks/,
    [
      ['id', 'type', 'connection_id', 'envelope_type', 'value_format', 'cluster_id'],
      ['u15', 'kafka', 'u12', 'debezium', 'json', 'u1'],
    ],
  ],
  [
    /mz_kafka_sources/,
    [
      ['id', 'topic'],
      ['u14', 'hello'],
    ],
  ],
  [
    /mz_kafka_sinks/,
    [
      ['id', 'topic'],
      ['u15', 'hello-out'],
    ],
  ],
  [
    /FROM "materialize"."public"."hello_progress"/,
    [
      ['range', 'next'],
      ['[0,0]', '4'],
    ],
  ],
  [
    /mz_source_statuses/,
    [
      ['id', 'status', 'error', 'details', 'new'],
      ['u14', 'running', '', '', 'true'],
    ],
  ],
  [
    /mz_sink_statuses/,
    [
      ['id', 'status', 'error', 'details', 'new'],
      ['u15', 'running', '', '', 'true'],
    ],
  ],
  [
    /mz_frontiers/,
    [
      ['id', 'frontier'],
      ['u15', '2000'],
    ],
  ],
  [/^SELECT \* FROM/, [['data'], ['hello'], ['world']]],
]

export function fakeEdges(of: {
  answers?: [RegExp, Answer][]
  kafka?: Partial<{ [Name in keyof Kafka]: Kafka[Name] }> | null
  timeoutMs?: number
}): FakeEdges {
  const sent: string[] = []
  const closed: string[] = []
  const logged: string[] = []
  const controller = new AbortController()
  let time = 0
  const clock: Clock = {
    now: () => time,
    sleep: (ms, signal) => {
      time += ms
      return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve()
    },
  }
  const log: Log = {
    group: (title) => void logged.push(`group ${title}`),
    info: (text) => void logged.push(text),
    notice: (text) => void logged.push(`notice ${text}`),
    warning: (text) => void logged.push(`warning ${text}`),
    debug: () => undefined,
  }
  const counts = new Map<RegExp, number>()
  const table = [...(of.answers ?? []), ...emptyServer]
  const deadline = startDeadline({
    timeoutMs: of.timeoutMs ?? 60_000,
    now: () => time,
    signal: controller.signal,
  })
  const session = (purpose: string): MaterializeSession => ({
    version: 'v26.24.0',
    query: async (statement: Statement): Promise<ResultSet> => {
      await Promise.resolve()
      if (controller.signal.aborted) throw controller.signal.reason as Error
      sent.push(statement.shown)
      // Each question takes a moment, so that no wait goes on for ever.
      time += 1
      const row = table.find(([words]) => words.test(statement.text))
      if (!row) return { fields: [], rows: [] }
      const count = (counts.get(row[0]) ?? 0) + 1
      counts.set(row[0], count)
      const answer = typeof row[1] === 'function' ? row[1](count) : row[1]
      if (answer instanceof Failure) throw answer
      if (answer === 'hang') {
        time += deadline.remainingMs()
        throw new Failure({ reason: 'deadline', message: 'Time ran out.' })
      }
      const [head = [], ...rows] = answer
      return {
        fields: head.map((name) => ({ name, type: 25 })),
        rows: rows.map((values) => values.map((value) => (value === '' ? null : value))),
      }
    },
    close: () => {
      closed.push(purpose)
      return Promise.resolve()
    },
  })
  const kafka: WholeKafka = {
    listAcls: () => Promise.resolve({ acls: [] }),
    createAcls: (acls) => Promise.resolve(acls),
    deleteAcls: (acls) => Promise.resolve(acls),
    listTopics: () => Promise.resolve([]),
    describeTopics: () => Promise.resolve([]),
    addPartitions: () => Promise.resolve(false),
    alterTopicConfig: () => Promise.resolve(false),
    deleteTopics: () => Promise.resolve([]),
    deleteGroups: () => Promise.resolve([]),
    look: (topics): Promise<KafkaView> =>
      Promise.resolve({
        brokers: ['b:9092'],
        topics: topics.map((name) => ({
          name,
          exists: true,
          partitions: 1,
          watermarks: [{ partition: 0, offset: 4n }],
          lows: [{ partition: 0, offset: 0n }],
        })),
      }),
    createTopic: () => Promise.resolve(true),
    rights: () => Promise.resolve({ topics: new Map(), groups: new Map() }),
    produce: (_, records) =>
      Promise.resolve(
        records.map(({ partition = 0 }, at) => ({ partition, offset: BigInt(4 + at), ackMs: 1 })),
      ),
    tail: (): Promise<TopicTail> => Promise.resolve({ messages: [], complete: true }),
    head: () => Promise.resolve({ messages: [], next: 0n }),
    close: () => {
      closed.push('kafka')
      return Promise.resolve()
    },
    ...of.kafka,
  }
  const servers = {
    materialize: { open: (purpose: string) => Promise.resolve(session(purpose)) },
    kafka: () => (of.kafka === null ? undefined : kafka),
  }
  return {
    ...servers,
    within: () => servers,
    hold: () => undefined,
    ...{ clock, log, deadline, repository: 'acme/shop' },
    sent,
    closed,
    logged,
    cancel: (failure) => {
      controller.abort(failure)
    },
  }
}

const at = (name: string) => ({ database: 'materialize', schema: 'public', name })

export function fakeInputs(change: Partial<Inputs> = {}): Inputs {
  return {
    mode: 'provision',
    allowed: { adopt: false, prune: false, dropDependents: false, replace: [] },
    failOnChanges: false,
    checks: { thresholds: {}, failOn: 'degraded' },
    planCheck: 'none',
    maxParallel: 2,
    restartReplicas: false,
    deleteTopics: false,
    materialize: { host: 'h', port: 6875, user: 'u', database: 'materialize', sslmode: 'disable' },
    schema: 'public',
    kafkaCheck: 'auto',
    sampleRows: 10,
    minRows: 0,
    timeoutMs: 60_000,
    canary: { count: 1 },
    spec: {
      connections: [
        { name: at('kafka'), kafka: { brokers: ['b:9092'], protocol: 'PLAINTEXT' }, secrets: {} },
      ],
      clusters: [],
      tables: [],
      views: [],
      topics: [],
      sources: [{ name: at('hello'), connection: at('kafka'), topic: 'hello', format: 'bytes' }],
      sinks: [
        {
          name: at('hello_out'),
          from: at('hello'),
          connection: at('kafka'),
          topic: 'hello-out',
          format: 'json',
          envelope: 'debezium',
          key: [],
        },
      ],
    },
    ...change,
  }
}
