import {
  type Attribute,
  both,
  type Here,
  type Kind,
  ownCluster,
  type Row,
  set,
  setDefaults,
  SUBJECTS,
} from './attribute-row.ts'
import { clusters, connections, topics } from './attribute-rows-kafka.ts'
import { sinks, sources, views } from './attribute-rows-relations.ts'

/** Those tried one by one; together-rows.ts has the others. */
export const ROWS: Row[] = [
  ...of('connection', [...connections, ...keeping('connection', 'usage')]),
  ...of('cluster', [...clusters, ...keeping('cluster', 'usage')]),
  ...of('topic', topics),
  ...of('source', [...sources, ...keeping('source', 'select')]),
  ...of('view', [...views, ...keeping('view', 'select')]),
  ...of('sink', [...sinks, ...keeping('sink')]),
  ...of('source', byDefaults()),
]

/** A key of the spec that has neither a row nor a reason fails the test. */
export const WITHOUT_ROW: Record<string, string> = {
  'connection validate': 'says whether the connection is checked, and is nothing that it has',
  'connection canary': 'sends a record in the run, and makes nothing that stays',
  'source canary': 'the same',
  'source copy-first': 'fills a topic of an environment once, and does nothing outside of one',
  'topic connection': 'in another Kafka it is another topic',
  'defaults database': 'elsewhere there are other objects, all of them to be made',
  'defaults schema': 'the same',
  'expect cluster': 'asks of data, and makes nothing',
  'expect count': 'asks of data, and makes nothing',
  'expect empty': 'asks of data, and makes nothing',
  'expect ordered': 'asks of data, and makes nothing',
  'expect rows': 'asks of data, and makes nothing',
  'expect sql': 'asks of data, and makes nothing',
  'expect within': 'asks of data, and makes nothing',
}

function of(kind: Kind, attributes: Attribute[]): Row[] {
  return attributes.map((attribute) => ({ kind, ...attribute }))
}

/** Comment, owner and, where there is a privilege to grant, grants. */
function keeping(kind: Exclude<Kind, 'topic'>, privilege?: string): Attribute[] {
  const { name, word, granted } = SUBJECTS[kind]
  const byHand = (statement: (subject: string) => string) => (here: Here) =>
    here.sql(statement(name(here)))
  const attributes: Attribute[] = [
    {
      attribute: 'comment',
      prepare: set(kind, () => ({ comment: 'As the spec says' })),
      value: 'As the spec says',
      byHand: {
        value: 'As Ada says',
        foreign: true,
        do: byHand((subject) => `COMMENT ON ${word} ${subject} IS 'As Ada says'`),
        mend: 'alter',
      },
      inSpec: {
        value: 'Otherwise',
        change: set(kind, () => ({ comment: 'Otherwise' })),
        way: 'alter',
      },
    },
    {
      attribute: 'owner',
      prepare: set(kind, () => ({ owner: 'etl' })),
      value: 'etl',
      byHand: {
        value: 'materialize',
        do: byHand((subject) => `ALTER ${word} ${subject} OWNER TO materialize`),
        mend: 'alter',
      },
      inSpec: {
        value: 'ops',
        change: set(kind, () => ({ owner: 'ops' })),
        way: 'alter',
        // Who owns a connection owns its secrets.
        ...(kind === 'connection' && { also: ['secret owner', 'secret owner', 'secret owner'] }),
      },
    },
  ]
  if (privilege === undefined) return attributes
  const grants = (...roles: string[]) =>
    set(kind, () => ({ grants: roles.map((to) => ({ to, privileges: [privilege] })) }))
  attributes.push({
    attribute: 'grants',
    prepare: grants('analysts'),
    value: `${privilege} to analysts`,
    byHand: {
      value: 'none',
      do: byHand((subject) => `REVOKE ${privilege} ON ${granted} ${subject} FROM analysts`),
      mend: 'alter',
    },
    inSpec: {
      value: `${privilege} to analysts, ${privilege} to ops`,
      change: grants('analysts', 'ops'),
      way: 'alter',
    },
  })
  return attributes
}

/** What the source takes from the defaults, and the connection with it. */
function byDefaults(): Attribute[] {
  const privileges = ['select', 'usage']
  const grants = (...roles: string[]) =>
    setDefaults(() => ({ grants: roles.map((to) => ({ to, privileges })) }))
  return [
    {
      attribute: 'cluster',
      key: 'defaults cluster',
      prepare: both(
        ownCluster,
        setDefaults(() => ({ cluster: 'quickstart' })),
      ),
      value: 'quickstart',
      inSpec: {
        value: (here) => here.schema,
        change: setDefaults((here) => ({ cluster: here.schema })),
        way: 'replace',
      },
    },
    {
      attribute: 'owner',
      key: 'defaults owner',
      prepare: setDefaults(() => ({ owner: 'etl' })),
      value: 'etl',
      inSpec: {
        value: 'ops',
        change: setDefaults(() => ({ owner: 'ops' })),
        way: 'alter',
        also: ['connection owner', 'secret owner', 'secret owner', 'secret owner'],
      },
    },
    {
      attribute: 'grants',
      key: 'defaults grants',
      prepare: grants('analysts'),
      value: 'select to analysts',
      inSpec: {
        value: 'select to analysts, select to ops',
        change: grants('analysts', 'ops'),
        way: 'alter',
        also: ['connection grants'],
      },
    },
  ]
}
