import { SqlError } from '../../test-support/materialize/errors.ts'
import type { Bench } from '../../test-support/pipeline/set-ups.ts'
import type { Reason } from '../../src/core/failure.ts'
import { relay, withoutProducerIds } from '../kafka-opened.ts'

/** What has to happen for a run to end with a reason. */
export interface Driven {
  reason: Reason
  name: string
  /** Inputs of the run that ends with it. */
  make(): Promise<Record<string, string>>
  /** What its message has to say. */
  because: RegExp
}

export function drivenBy(of: () => Bench): Driven[] {
  const pipeline = (name: string, more: Record<string, string> = {}): Record<string, string> => ({
    ...of().services.inputs(),
    ...{ mode: 'provision', connection: `${name}_c`, source: name, topic: name },
    ...{ 'sample-rows': '0', timeout: '30s' },
    ...more,
  })
  const sinkOnly = (name: string, from: string, more = {}): Record<string, string> => {
    const { source: _, topic: __, ...inputs } = pipeline(name, more)
    return { ...inputs, sink: `${name}_out`, 'sink-from': from, 'sink-topic': `${name}-out` }
  }
  /** What the server does at a statement in place of answering. */
  const at = (pattern: RegExp, act: () => void): void => {
    of().services.onStatement = (text) => {
      if (pattern.test(text)) act()
    }
  }
  const refuses = (pattern: RegExp, [code, message]: [string, string]): void => {
    at(pattern, () => {
      throw new SqlError(code, message)
    })
  }
  const topic = (name: string): Promise<void> => of().kafka.createTopic(name)
  /** Stalls that come again and again, as Materialize tells of them. */
  const stallOften = async (name: string, kind: 'source' | 'sink', error: string) => {
    const [row] = await of().sql(`SELECT id FROM mz_catalog.mz_objects WHERE name = '${name}'`)
    const { statuses } = of().services.standIn.environment
    for (let n = 0; n < 3; n++) {
      for (const status of [{ status: 'stalled', error }, { status: 'running' }]) {
        statuses.record({ id: String(row?.['id']), of: kind }, { ...status, replicaId: 'u1' })
      }
    }
  }
  return [
    {
      reason: 'materialize-privilege',
      name: 'a role that may create nothing',
      make: async () => {
        await topic('poor')
        const { port } = of().services.standIn
        const url = `postgres://poor@127.0.0.1:${String(port)}/materialize`
        return pipeline('poor', { 'materialize-url': url })
      },
      because: /needs CREATE privileges on SCHEMA/,
    },
    {
      reason: 'materialize-lost',
      name: 'a server that is killed under a statement',
      make: async () => {
        await topic('lost')
        at(/^CREATE SOURCE/, () => of().services.standIn.terminateConnections({ abrupt: true }))
        return pipeline('lost')
      },
      because: /The session with Materialize ended/,
    },
    {
      reason: 'materialize-refused',
      name: 'a refusal without a word of its own',
      make: async () => {
        await topic('refused')
        refuses(/^CREATE SOURCE/, ['XX000', 'something that no version says yet'])
        return pipeline('refused')
      },
      because: /something that no version says yet/,
    },
    {
      reason: 'materialize-refused',
      name: 'a statement that an administrator ends',
      make: async () => {
        await topic('why_ended')
        refuses(/^CREATE SOURCE/, ['57014', 'canceling statement due to user request'])
        return pipeline('why_ended')
      },
      because: /canceling statement due to user request \(57014\)/,
    },
    {
      reason: 'limit-reached',
      name: 'no more sources are allowed',
      make: async () => {
        await topic('limit')
        refuses(/^CREATE SOURCE/, ['53000', 'creating source would violate max_sources limit'])
        return pipeline('limit')
      },
      because: /max_sources/,
    },
    {
      reason: 'relation-unfit',
      name: 'a sink from a view',
      make: async () => {
        await of().sql('CREATE VIEW unfit AS SELECT 1 AS a')
        return sinkOnly('unfit', 'unfit')
      },
      because: /view/,
    },
    {
      reason: 'connection-refused',
      name: 'a mechanism that Materialize does not know, in a connection of others',
      make: async () => {
        await topic('others')
        await of().connection('others_c', { mechanism: 'GSSAPI' })
        const inputs = Object.entries(pipeline('others', { 'kafka-check': 'never' }))
        return Object.fromEntries(inputs.filter(([name]) => !/^kafka-(?!check)/.test(name)))
      },
      because: /others/,
    },
    {
      reason: 'changes-found',
      name: 'a plan that is to fail on changes',
      make: async () => {
        await topic('why_planned')
        return pipeline('why_planned', { mode: 'plan', 'fail-on-changes': 'true' })
      },
      because: /\w/,
    },
    {
      reason: 'kafka-transactions',
      name: 'a sink to brokers that offer no producer id',
      make: async () => {
        const { address } = await relay('PLAINTEXT', withoutProducerIds)
        const protocol = { 'kafka-brokers': address, 'kafka-security-protocol': 'PLAINTEXT' }
        const inputs = { ...sinkOnly('old', 'old_t'), ...protocol }
        return { ...inputs, 'kafka-username': '', 'kafka-password': '', 'kafka-ca': '' }
      },
      because: /offers no transactions/,
    },
    {
      reason: 'source-not-proven',
      name: 'a source whose records come slower than the deadline',
      make: async () => {
        await topic('slow')
        of().services.standIn.environment.ingestions.paces.limit('slow', 5)
        await of().kafka.produce(
          'slow',
          Array.from({ length: 200 }, (_, n) => String(n)),
        )
        return pipeline('slow', { timeout: '8s' })
      },
      because: /slow/,
    },
    {
      reason: 'sink-not-proven',
      name: 'a sink of a source that is not read to its end before the deadline',
      make: () => Promise.resolve(sinkOnly('slow', 'slow', { timeout: '8s' })),
      because: /slow_out/,
    },
    {
      reason: 'source-stalled',
      name: 'stalls in words that say nothing',
      make: async () => {
        await of().source('odd')
        await of().isRead('odd')
        await stallOften('odd', 'source', 'kafka: out of cheese')
        return of().inputs({ sources: 'odd' })
      },
      because: /out of cheese/,
    },
    {
      reason: 'kafka-group-right',
      name: 'the group is refused again and again',
      make: async () => {
        await of().source('grouped')
        await of().isRead('grouped')
        await stallOften('grouped', 'source', 'kafka: GroupAuthorizationFailed')
        return of().inputs({ sources: 'grouped' })
      },
      because: /group/i,
    },
    {
      reason: 'sink-stalled',
      name: 'a sink that stalls in words that say nothing, and stands',
      make: async () => {
        // What it is made from is read too slowly for it to go on.
        await of().sql(
          `CREATE SINK odd_sink FROM slow INTO KAFKA CONNECTION odd_c (TOPIC 'odd-out') FORMAT JSON ENVELOPE DEBEZIUM`,
        )
        await stallOften('odd_sink', 'sink', 'kafka: out of cheese')
        return of().inputs({ sinks: 'odd_sink' })
      },
      because: /out of cheese/,
    },
  ]
}
