import { describe, expect, jest, test } from '@jest/globals'
import type { Cluster } from '../src/adapters/kafka-cluster.ts'
import { deleteGroups } from '../src/adapters/kafka-groups.ts'
import type { Access } from '../src/adapters/kafka-lag.ts'
import { alterTopicConfig, describeTopics } from '../src/adapters/kafka-topic-configs.ts'
import { addPartitions, createTopic, deleteTopics } from '../src/adapters/kafka-topics.ts'
import { Failure } from '../src/core/failure.ts'
import { failureOf } from './kafka-upkeep.ts'

describe('brokers that no test can have: several, of other ages, with policies', () => {
  /** Answers of a cluster of two brokers, request by request; the last one for good. */
  function scripted(answers: Record<string, object[]>): { access: Access; asked: string[] } {
    const asked: string[] = []
    const brokers = [1, 2].map((nodeId) => ({ nodeId, host: 'b', port: nodeId }))
    const next = (key: string): object => {
      asked.push(key)
      const list = answers[key] ?? [{}]
      return (list.length > 1 ? list.shift() : list[0]) ?? {}
    }
    const cluster: Cluster = {
      metadata: async () => ({ brokers, controllerId: 1, topicMetadata: [], ...next('Metadata') }),
      askNode: async (_, nodeId, { api }) =>
        next(api.endsWith('Groups') ? `${api} ${nodeId}` : api),
      offersTransactions: async () => true,
      close: () => undefined,
    }
    const signal = new AbortController().signal
    const end = Date.now() + 30_000
    return { access: { cluster, deadline: { remainingMs: () => end - Date.now(), signal } }, asked }
  }

  /** Two seconds pass at every look at the clock. */
  function hasten(): void {
    let now = 0
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 2_000))
  }

  const topic = (partitions: number, topicErrorCode = 0): object => ({
    topicMetadata: [
      {
        topicErrorCode,
        topic: 't',
        partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
          ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1, 2] },
        })),
      },
    ],
  })
  const answered = (errorCode: number, errorMessage: string | null = null): object => ({
    topicErrors: [{ topic: 't', errorCode, errorMessage }],
    resources: [{ resourceName: 't', errorCode, errorMessage, configEntries: [] }],
  })
  const deleted = (codes: Record<string, number>): object => ({
    results: Object.entries(codes).map(([groupId, errorCode]) => ({ groupId, errorCode })),
  })
  const entry = (configName: string, isSensitive: boolean): object => ({
    ...answered(0),
    resources: [
      {
        ...{ resourceName: 't', errorCode: 0 },
        configEntries: [{ configName, configValue: 'v', configSource: 1, isSensitive }],
      },
    ],
  })

  test('a broker that does not know the topic yet is asked again', async () => {
    const { access } = scripted({
      Metadata: [topic(0, 5), topic(1)],
      DescribeConfigs: [answered(3), answered(0)],
    })
    expect(await describeTopics(['t'], access)).toEqual([
      { name: 't', exists: true, partitions: 1, replicationFactor: 2, config: {} },
    ])
  })

  test('but not for longer than a few seconds', async () => {
    const { access, asked } = scripted({ Metadata: [topic(1)], DescribeConfigs: [answered(3)] })
    hasten()
    const [seen] = await describeTopics(['t'], access)
    expect(seen).toMatchObject({
      exists: true,
      failure: { reason: 'topic-unknown', retriable: true },
    })
    expect(asked.filter((api) => api === 'DescribeConfigs').length).toBeLessThan(8)
  })

  test('a sensitive value is not shown', async () => {
    const { access } = scripted({ Metadata: [topic(1)], DescribeConfigs: [entry('secret', true)] })
    expect((await describeTopics(['t'], access))[0]?.config).toEqual({
      secret: { source: 'topic' },
    })
  })

  test.each<{ name: string; call: (access: Access) => Promise<unknown>; api: string }>([
    {
      name: 'creating',
      call: (access) => createTopic({ name: 't', partitions: 2, replicationFactor: 1 }, access),
      api: 'CreateTopics',
    },
    {
      name: 'adding partitions',
      call: (access) => addPartitions({ name: 't', to: 2 }, access),
      api: 'CreatePartitions',
    },
    {
      name: 'altering',
      call: (access) => alterTopicConfig({ name: 't', set: { a: 'b' }, remove: [] }, access),
      api: 'IncrementalAlterConfigs',
    },
    {
      name: 'deleting',
      call: (access) =>
        deleteTopics(['t'], access).then(([result]) => {
          if (result?.failure) throw result.failure
          return result?.deleted
        }),
      api: 'DeleteTopics',
    },
  ])('$name: a policy’s words are passed on, a controller that moved is followed', async (row) => {
    const policy = 'Topics have at least three copies.'
    const refused = scripted({
      ...{ Metadata: [topic(1)], DescribeConfigs: [answered(0)] },
      [row.api]: [answered(44, policy)],
    })
    const failure = await failureOf(row.call(refused.access))
    expect(failure).toMatchObject({ reason: 'kafka-refused' })
    const words = row.api === 'DeleteTopics' ? 'POLICY_VIOLATION' : `${policy} (POLICY_VIOLATION)`
    expect(failure.message).toContain(words)

    const before =
      row.api === 'DeleteTopics'
        ? [topic(1), topic(1), topic(1), topic(1), topic(0, 3)]
        : [topic(1), topic(1), topic(1), topic(2)]
    const moved = scripted({
      Metadata: row.api === 'IncrementalAlterConfigs' ? [topic(1)] : before,
      DescribeConfigs: [answered(0)],
      [row.api]: [answered(41), answered(0)],
    })
    expect(await row.call(moved.access)).toBe(true)
    expect(moved.asked.filter((api) => api === row.api)).toHaveLength(2)
    // And then it is waited for.
    const seenBy = row.api === 'IncrementalAlterConfigs' ? 'DescribeConfigs' : 'Metadata'
    expect(moved.asked.at(-1)).toBe(seenBy)
  })

  test('altering waits until the change is shown', async () => {
    const [old, now] = [entry('a', false), answered(0)]
    const { access, asked } = scripted({
      Metadata: [topic(1)],
      DescribeConfigs: [old, old, old, now],
      IncrementalAlterConfigs: [answered(0)],
    })
    expect(await alterTopicConfig({ name: 't', set: {}, remove: ['a'] }, access)).toBe(true)
    expect(asked.filter((api) => api === 'DescribeConfigs')).toHaveLength(4)
  })

  test('a topic that stays although it was to go is a failure', async () => {
    const { access } = scripted({ Metadata: [topic(1)], DeleteTopics: [answered(7)] })
    hasten()
    const [result] = await deleteTopics(['t'], access)
    expect(result).toMatchObject({ deleted: false, failure: { retriable: true } })
    expect(result?.failure?.message).toContain('still shows it')
  })

  test('a topic that another made is waited for', async () => {
    const { access, asked } = scripted({
      Metadata: [topic(0, 3), topic(0, 3), topic(1)],
      CreateTopics: [answered(36)],
    })
    expect(await createTopic({ name: 't', partitions: 1, replicationFactor: 1 }, access)).toBe(
      false,
    )
    expect(asked).toEqual(['Metadata', 'CreateTopics', 'Metadata', 'Metadata'])
  })

  test('a secret value is not lost where all settings are replaced at once', async () => {
    const { access } = scripted({ Metadata: [topic(1)], DescribeConfigs: [entry('secret', true)] })
    const cause = Object.assign(new Error('old'), { name: 'KafkaJSServerDoesNotSupportApiKey' })
    const { askNode } = access.cluster
    access.cluster.askNode = async (metadata, node, question) => {
      if (question.api !== 'IncrementalAlterConfigs') return askNode(metadata, node, question)
      throw new Failure({ reason: 'kafka-refused', message: 'old', cause })
    }
    const change = { name: 't', set: { a: 'b' }, remove: [] }
    const failure = await failureOf(alterTopicConfig(change, access))
    expect(failure.message).toContain('value of secret on topic t')
    await failureOf(alterTopicConfig({ ...change, remove: ['other'] }, access))
  })

  test('groups of several brokers, between which one moves', async () => {
    const { access } = scripted({
      'ListGroups 1': [{ errorCode: 0, groups: [{ groupId: 'g1' }, { groupId: 'g2' }] }],
      'ListGroups 2': [
        { errorCode: 0, groups: [] },
        { errorCode: 0, groups: [{ groupId: 'g2' }, { groupId: 'g3' }] },
      ],
      'DeleteGroups 1': [deleted({ g1: 0, g2: 16 }), deleted({ g2: 16 })],
      'DeleteGroups 2': [deleted({ g2: 0, g3: 69 })],
    })
    const told = jest.spyOn(access.cluster, 'askNode')
    expect(await deleteGroups({ prefix: 'g' }, access)).toEqual([
      { id: 'g1', outcome: 'deleted' },
      { id: 'g2', outcome: 'deleted' },
      { id: 'g3', outcome: 'absent' },
    ])
    const deletions = told.mock.calls.filter(([, , { api }]) => api === 'DeleteGroups')
    // What is gone is not deleted again, though a broker may go on listing it.
    expect(deletions.map(([, node, { args }]) => [node, args])).toEqual([
      [1, ['g1', 'g2']],
      [1, ['g2']],
      [2, ['g2', 'g3']],
    ])
  })

  test('a broker that has not read its groups yet is asked again', async () => {
    const { access } = scripted({
      'ListGroups 1': [{ errorCode: 0, groups: [] }],
      'ListGroups 2': [
        { errorCode: 14, groups: [] },
        { errorCode: 0, groups: [{ groupId: 'g' }] },
      ],
      'DeleteGroups 2': [deleted({ g: 0 })],
    })
    expect(await deleteGroups({ ids: ['g'] }, access)).toEqual([{ id: 'g', outcome: 'deleted' }])
  })

  test('older brokers refuse to delete what is not there', async () => {
    const { access } = scripted({ Metadata: [topic(0, 3)], DeleteTopics: [answered(29)] })
    expect(await deleteTopics(['t'], access)).toEqual([{ name: 't', deleted: false }])
  })

  test('a list that is refused is not an empty one', async () => {
    const { access } = scripted({
      'ListGroups 1': [{ errorCode: 31, groups: [] }],
      'ListGroups 2': [{ errorCode: 0, groups: [] }],
    })
    const failure = await failureOf(deleteGroups({ prefix: 'g' }, access))
    expect(failure).toMatchObject({ reason: 'kafka-authorization' })
    expect(failure.message).toContain('DESCRIBE on the cluster')
  })
})
