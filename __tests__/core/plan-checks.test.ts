import { describe, expect, test } from '@jest/globals'
import type { Spec } from '../../src/core/model.ts'
import type { Observed } from '../../src/core/observed.ts'
import { planChecks } from '../../src/core/plan-checks.ts'
import { topicSteps } from '../../src/core/topics.ts'
import {
  applied,
  at,
  change,
  CONNECTION,
  defined,
  observed,
  planned,
  spec,
} from './plan-fixture.ts'

const connection = at('upstash')
const topic = { name: 'hello', connection, partitions: 1, replicationFactor: -1, config: {} }
const unmade = (...types: string[]) => applied().filter((one) => !types.includes(one.type))
const bare = spec({ sinks: [] })

describe('what Materialize is asked about a plan', () => {
  const cases: {
    name: string
    spec: Spec
    there: Observed
    /** For each changing step: the statement, or why there is none. */
    asks: RegExp[]
  }[] = [
    {
      name: 'a new source, and never a sink',
      spec: spec(),
      there: observed(unmade('source', 'sink')),
      asks: [
        /^CREATE SOURCE "materialize"."public"."hello" FROM KAFKA/,
        /^only new sources can be tried$/,
      ],
    },
    {
      name: 'a source made anew, under a name that is free',
      spec: { ...bare, sources: bare.sources.map((one) => ({ ...one, format: 'text' })) },
      there: observed(unmade('sink')),
      asks: [/^CREATE SOURCE "materialize"."public"."plan_check_[0-9a-f]{16}" .* FORMAT TEXT$/],
    },
    {
      name: 'connection not there yet',
      spec: bare,
      there: observed(),
      asks: [/only new/, /only new/, /only new/, /^its connection is to be made or changed first$/],
    },
    {
      name: 'connection to be changed',
      spec: bare,
      there: observed(
        change('u12', defined(CONNECTION.replace('b:9092', 'other:9092'))).filter(
          (one) => !['source', 'sink'].includes(one.type),
        ),
      ),
      asks: [/only new/, /^its connection is to be made or changed first$/],
    },
    {
      name: 'cluster not there yet',
      spec: {
        ...bare,
        clusters: [{ name: 'new', size: '25cc' }],
        sources: bare.sources.map((one) => ({ ...one, cluster: 'new' })),
      },
      there: observed(unmade('source', 'sink')),
      asks: [/only new/, /^its cluster is to be made first$/],
    },
    {
      name: 'topic not there yet',
      spec: { ...bare, topics: [topic] },
      there: observed(unmade('source', 'sink'), {
        topics: [
          {
            ...{ connection, name: 'hello', exists: false, partitions: 0 },
            ...{ replicationFactor: 0, config: undefined },
          },
        ],
      }),
      asks: [/^its topic is to be made first$/],
    },
    { name: 'nothing to do', spec: spec(), there: observed(applied()), asks: [] },
  ]
  test.each(cases)('$name', ({ spec: asked, there, asks }) => {
    const plan = planned(asked, there, { mayReplace: () => true })
    const checks = planChecks(asked, { ...plan, topics: topicSteps(asked, there).steps })
    const said = checks.map(({ statement, why }) => statement?.text ?? why ?? '')
    expect(said).toEqual(asks.map((ask) => expect.stringMatching(ask)))
  })
})
