import { describe, expect, test } from '@jest/globals'
import type { Spec } from '../../src/core/model.ts'
import type { ObservedCluster, ObservedObject } from '../../src/core/observed.ts'
import { asPlain, asRegistry, connection, M } from './connection-fixture.ts'
import { at, object, observed, planned, spec } from './plan-fixture.ts'
import { refusal } from './spec-fixture.ts'

const SIZES = [
  ['25cc', 0.25],
  ['50cc', 0.5],
  ['100cc', 1],
  ['200cc', 2],
] as const
const sizes = SIZES.map(([size, credits]) => ({ size, credits }))

const nothing: Partial<Spec> = { connections: [], sources: [], sinks: [] }

describe('sizes of clusters', () => {
  const sized = (size: string, clusters: ObservedCluster[] = []) =>
    planned(
      spec({ ...nothing, clusters: [{ name: 'ingest', size }] }),
      observed([], { sizes, clusters }),
    )
  const offers = 'There are: 25cc, 50cc, 100cc or 200cc.'
  const gone = (size: string, near: string) =>
    `Cluster "ingest" cannot have the size '${size}': sizes of that name went from sources and sinks with Materialize v0.84, and in their place a cluster has one such as '${near}'. ${offers}`

  test.each([
    ['25c', `Cluster "ingest" cannot have the size '25c' (did you mean '25cc'?). ${offers}`],
    ['huge', `Cluster "ingest" cannot have the size 'huge'. ${offers}`],
    ['3xsmall', gone('3xsmall', '25cc')],
    ['2xsmall', gone('2xsmall', '50cc')],
    ['xsmall', gone('xsmall', '100cc')],
    ['small', gone('small', '200cc')],
    // The dearest there is.
    ['medium', gone('medium', '200cc')],
    ['6xlarge', gone('6xlarge', '200cc')],
    ['3XSMALL', gone('3XSMALL', '25cc')],
  ])('%s is refused', (size, says) => {
    const { refusals } = sized(size)
    expect(refusals).toEqual([
      expect.objectContaining({ reason: 'cluster-size-unknown', message: says }),
    ])
  })

  test('one of the list is taken, and any where there is no list', () => {
    expect(sized('100cc').refusals).toEqual([])
    const unlisted = planned(
      spec({ ...nothing, clusters: [{ name: 'ingest', size: 'huge' }] }),
      observed([], { clusters: [] }),
    )
    expect(unlisted.refusals).toEqual([])
  })

  test('a region that still has a size of old may use it', () => {
    const old = planned(
      spec({ ...nothing, clusters: [{ name: 'ingest', size: '3xsmall' }] }),
      observed([], { clusters: [], sizes: [{ size: '3xsmall', credits: 0.25 }] }),
    )
    expect(old.refusals).toEqual([])
  })

  test('a cluster keeps a size that is not given out any more, and cannot be given one', () => {
    const there: ObservedCluster = {
      ...{ id: 'u9', name: 'ingest', replicas: 1, size: 'old', replicationFactor: 1 },
      ...{ comment: '', owner: 'materialize', grants: [] },
    }
    expect(sized('old', [there]).refusals).toEqual([])
    expect(sized('older', [there]).refusals.map(({ reason }) => reason)).toContain(
      'cluster-size-unknown',
    )
  })

  test('a source or sink that is given a size of its own is told of clusters', () => {
    const { message } = refusal(`connections: { k: {} }
sources: { s: { connection: k, topic: t, size: 3xsmall } }
sinks: { o: { from: s, connection: k, topic: o, size: 3xsmall } }
topics: { t: { connection: k, size: 3 } }`)
    const says =
      'sources and sinks have no size of their own since Materialize v0.84; give cluster, which has one.'
    expect(message).toContain(`sources.s.size is no key of a source; ${says}`)
    expect(message).toContain(`sinks.o.size is no key of a sink; ${says}`)
    expect(message).toContain('topics.t.size is no key of a topic; allowed: connection')
  })

  test('a long list is cut', () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ size: `${String(i)}C`, credits: i }))
    const { refusals } = planned(
      spec({ ...nothing, clusters: [{ name: 'ingest', size: 'huge' }] }),
      observed([], { clusters: [], sizes: many }),
    )
    expect(refusals[0]?.message).toMatch(/There are: 0C, 1C, .*, 11C and 8 more\.$/)
  })
})

describe('connections that others go by', () => {
  const tunnel = { through: 'ssh-tunnel', connection: at('t') } as const
  const link = { through: 'aws-privatelink', connection: at('t') } as const
  const there = (type: string, name = 't') =>
    object('u1', name, { type: 'connection', connection: { type, brokers: [] } })
  const rows: {
    name: string
    asked: Spec['connections'][number]
    objects: ObservedObject[]
    says?: string
  }[] = [
    {
      name: 'a tunnel that is there',
      asked: asPlain({ route: tunnel }),
      objects: [there('ssh-tunnel')],
    },
    {
      name: 'a tunnel that is not',
      asked: asPlain({ route: tunnel }),
      objects: [],
      says: `is to go by ${M}"t", and there is no such connection to an SSH tunnel.`,
    },
    {
      name: 'a tunnel of one broker that is a link',
      asked: asPlain({ routes: { 'b1:9092': tunnel } }),
      objects: [there('aws-privatelink')],
      says: `is to go by ${M}"t", which is a connection to an AWS PrivateLink service, not one to an SSH tunnel.`,
    },
    {
      name: 'a link of a pattern that is a table',
      asked: asPlain({ matching: [{ pattern: '*', route: link }] }),
      objects: [object('u1', 't', { type: 'table' })],
      says: `is to go by ${M}"t", which is a table, not one to an AWS PrivateLink service.`,
    },
    {
      name: 'a link that is there',
      asked: asPlain({ brokers: [], route: link }),
      objects: [there('aws-privatelink')],
    },
    {
      name: 'a role of AWS that is Kafka',
      asked: asPlain({ protocol: 'SASL_SSL', aws: at('t') }),
      objects: [there('kafka')],
      says: `is to go by ${M}"t", which is a connection to Kafka, not one to AWS.`,
    },
    {
      name: 'a role of AWS that is there',
      asked: asPlain({ protocol: 'SASL_SSL', aws: at('t') }),
      objects: [there('aws')],
    },
    {
      name: 'a registry’s tunnel that is not there',
      asked: asRegistry({ route: tunnel }),
      objects: [],
      says: `is to go by ${M}"t", and there is no such connection to an SSH tunnel.`,
    },
  ]
  test.each(rows)('$name', ({ asked, objects, says }) => {
    const { refusals, steps } = planned(
      spec({ ...nothing, connections: [asked] }),
      observed(objects),
    )
    expect(refusals.map(({ reason, message }) => [reason, message])).toEqual(
      says === undefined ? [] : [['connection-unknown', `The connection ${M}"c" ${says}`]],
    )
    expect(steps.some(({ kind, action }) => kind === 'connection' && action === 'create')).toBe(
      true,
    )
  })
})

describe('connections of another kind than asked for', () => {
  const there = (type: string) => [
    object('u1', 'c', { type: 'connection', connection: { type, brokers: [] } }),
  ]
  const named = { name: at('c'), secrets: {} }
  const source = { name: at('s'), connection: at('c'), topic: 't', format: 'json' } as const
  test.each<[name: string, asked: Partial<Spec>, type: string, says: string | undefined]>([
    ['Kafka for a registry', { connections: [asRegistry()] }, 'kafka', 'a connection to Kafka'],
    [
      'a registry for Kafka',
      { connections: [asPlain()] },
      'confluent-schema-registry',
      'a connection to a schema registry',
    ],
    [
      'a tunnel for a source',
      { connections: [named], sources: [source] },
      'ssh-tunnel',
      'a connection to an SSH tunnel',
    ],
    ['Kafka for a source', { connections: [named], sources: [source] }, 'kafka', undefined],
    ['anything that is only named', { connections: [named] }, 'postgres', undefined],
    [
      'Kafka for the registry of a format',
      {
        connections: [named, { name: at('k'), secrets: {} }],
        sources: [{ ...source, connection: at('k'), format: { avro: { registry: at('c') } } }],
      },
      'kafka',
      'a connection to Kafka',
    ],
  ])('%s', (...[, asked, type, says]) => {
    const kafka = object('u2', 'k', {
      type: 'connection',
      connection: { type: 'kafka', brokers: [] },
    })
    const { refusals } = planned(spec({ ...nothing, ...asked }), observed([...there(type), kafka]))
    const taken = refusals.filter(({ reason }) => reason === 'name-taken')
    expect(taken.map(({ message }) => message)).toEqual(
      says === undefined ? [] : [expect.stringContaining(`is there already, and is ${says}, not`)],
    )
  })

  test('a registry is made after its secrets, checked, and left unchecked where asked', () => {
    const { steps } = planned(spec({ ...nothing, connections: [asRegistry()] }), observed())
    expect(steps.map(({ kind, name }) => `${kind} ${name.name}`)).toEqual([
      'secret c_username',
      'secret c_password',
      'connection c',
    ])
    const finish = (validate: boolean) =>
      planned(
        spec({
          ...nothing,
          connections: [
            {
              ...connection({ registry: { url: 'https://r' } }),
              ...(validate ? {} : { validate: false as const }),
            },
          ],
        }),
        observed(),
      ).steps[0]?.finish.map(({ text }) => text)
    expect(finish(true)).toEqual([`VALIDATE CONNECTION ${M}"c"`])
    expect(finish(false)).toEqual([])
  })
})
