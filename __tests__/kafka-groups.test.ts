import { describe, expect, test } from '@jest/globals'
import { broker, uniqueName } from './kafka-opened.ts'
import { afterwards, by, countRequests, existing, failureOf } from './kafka-upkeep.ts'

describe('deleting consumer groups', () => {
  /** Groups without members, as sources leave them. */
  async function groups(stem: string, endings: string[]): Promise<string[]> {
    const topic = await existing()
    const ids = endings.map((ending) => stem + ending)
    const topics = [{ topic, partitions: [{ partition: 0, offset: '0' }] }]
    const producer = broker.connect().producer({ transactionalId: topic, maxInFlightRequests: 1 })
    await producer.connect()
    const transaction = await producer.transaction()
    for (const consumerGroupId of ids) await transaction.sendOffsets({ consumerGroupId, topics })
    await transaction.commit()
    await producer.disconnect()
    return ids
  }

  async function listed(stem: string): Promise<string[]> {
    const all = await broker.withAdmin((admin) => admin.listGroups())
    const ids = all.groups.map(({ groupId }) => groupId)
    return ids.filter((id) => id.startsWith(stem)).sort()
  }

  async function joined(groupId: string): Promise<void> {
    const consumer = broker.connect().consumer({ groupId })
    await consumer.connect()
    await consumer.subscribe({ topic: await existing() })
    const isIn = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
    await consumer.run({ eachMessage: async () => undefined })
    await isIn
    afterwards.push(() => consumer.disconnect())
  }

  test('by prefix: those without members go, one with a member stays', async () => {
    const stem = uniqueName('group')
    const [first, second] = await groups(stem, ['-u1', '-u2'])
    const [foreign] = await groups(`not-${stem}`, ['-u1'])
    await joined(`${stem}-u3`)
    const kafka = by('full')

    const results = await kafka.deleteGroups({ prefix: stem })
    expect(results).toMatchObject([
      { id: first, outcome: 'deleted' },
      { id: second, outcome: 'deleted' },
      { id: `${stem}-u3`, outcome: 'in-use' },
    ])
    expect(results[2]?.failure?.message).toContain(`group ${stem}-u3: The group is not empty`)
    expect(await listed(stem)).toEqual([`${stem}-u3`])
    expect(await listed(`not-${stem}`)).toEqual([foreign])
    expect(await kafka.deleteGroups({ prefix: stem })).toMatchObject([{ outcome: 'in-use' }])
  })

  test('by name: in the order asked for, and again', async () => {
    const stem = uniqueName('group')
    const [first, second] = (await groups(stem, ['-u1', '-u10'])) as [string, string]
    const kafka = by('full')
    const ids = [`${stem}-none`, first]
    expect(await kafka.deleteGroups({ ids })).toEqual([
      { id: `${stem}-none`, outcome: 'absent' },
      { id: first, outcome: 'deleted' },
    ])
    expect(await kafka.deleteGroups({ ids })).toEqual(ids.map((id) => ({ id, outcome: 'absent' })))
    expect(await listed(stem)).toEqual([second])
    expect(await kafka.deleteGroups({ ids: [] })).toEqual([])
  })

  test('thirty take the requests of one', async () => {
    const stem = uniqueName('group')
    await groups(
      stem,
      Array.from({ length: 30 }, (_, index) => `-${index}`),
    )
    const counts = countRequests()
    const kafka = by('full')
    expect(await kafka.deleteGroups({ prefix: stem })).toHaveLength(30)
    expect(counts).toEqual({ Metadata: 1, ListGroups: 1, DeleteGroups: 1 })
  })

  test('an empty prefix deletes nothing', async () => {
    const [id] = await groups(uniqueName('group'), ['-u1'])
    expect(await failureOf(by('full').deleteGroups({ prefix: '' }))).toMatchObject({
      reason: 'internal',
    })
    expect(await listed(id ?? '')).toEqual([id])
  })

  test('who may only see a group lacks DELETE on it', async () => {
    const [id = ''] = await groups(uniqueName('group'), ['-u1'])
    for (const selection of [{ prefix: id }, { ids: [id] }]) {
      const [result] = await by('reader').deleteGroups(selection)
      expect(result).toMatchObject({
        outcome: 'failed',
        failure: { reason: 'kafka-authorization' },
      })
      expect(result?.failure?.message).toContain(`right DELETE on consumer group ${id} (`)
    }
    expect(await listed(id)).toEqual([id])
  })

  test('who may see none is told so, not that there are none', async () => {
    const [id = ''] = await groups(uniqueName('group'), ['-u1'])
    const kafka = by('none')
    const [result] = await kafka.deleteGroups({ ids: [id] })
    expect(result).toMatchObject({ outcome: 'failed', failure: { reason: 'kafka-authorization' } })
    expect(result?.failure?.message).toContain(`right DESCRIBE on consumer group ${id} (`)
    const failure = await failureOf(kafka.deleteGroups({ prefix: id.slice(0, -1) }))
    expect(failure).toMatchObject({ reason: 'kafka-authorization' })
    expect(failure.message).toContain(`right DESCRIBE on the consumer groups ${id.slice(0, -1)}`)
    expect(await listed(id)).toEqual([id])
  })
})
