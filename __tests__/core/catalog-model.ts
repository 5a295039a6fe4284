import { type Definition, readDefinition } from '../../src/core/definition.ts'
import type { Privilege, QualifiedName } from '../../src/core/model-object.ts'
import type { Spec } from '../../src/core/model.ts'
import type { Observed } from '../../src/core/observed.ts'
import { ident, qualified } from '../../src/core/sql.ts'
import type { TopicStep } from '../../src/core/topics.ts'
import {
  type Cluster,
  type Item,
  type Kept,
  observedCluster,
  observedItem,
  textOf,
  type Topic,
} from './catalog-model-shown.ts'

/**
 * Materialize’s catalog, as far as plans change it, and the topics of one Kafka. It takes one
 * statement at a time and refuses what the server would refuse.
 */

/** What the server would say. */
export class Refused extends Error {}

const ROLE = 'materialize'
const SESSION_CLUSTER = 'quickstart'
const WITHIN = { database: 'materialize', schema: 'public' }

const IDENT = '"(?:[^"]|"")*"'
const NAME = `${IDENT}\\.${IDENT}\\.${IDENT}`
const IDENTS = new RegExp(IDENT, 'g')
const NAMES = new RegExp(NAME, 'g')
const WORDS = 'CLUSTER|SECRET|CONNECTION|SOURCE|MATERIALIZED VIEW|SINK|TABLE|VIEW'
const OBJECT = `(${WORDS}) (${NAME}|${IDENT})`
const TEXT = "'((?:[^']|'')*)'"

/** What a statement’s pattern caught; a group that is not there is an empty text. */
type Groups = string[]
type Rule = [pattern: RegExp, take: (groups: Groups) => void]

export class CatalogModel {
  #last = 100
  #items: Item[] = [
    { ...nobodys('u100'), type: 'table', name: { ...WITHIN, name: 'outside' }, dependsOn: [] },
  ]
  #clusters: Cluster[]
  #topics: Topic[]

  /** With two clusters, two topics and a table that nobody’s spec makes. */
  constructor() {
    this.#clusters = [SESSION_CLUSTER, 'second'].map((name, n) => ({
      ...nobodys(`u${String(n + 1)}`),
      name,
      size: '25cc',
      factor: 1,
    }))
    this.#topics = ['t1', 't2'].map((name) => ({ name, partitions: 1, config: {} }))
  }

  clone(): CatalogModel {
    const copy = new CatalogModel()
    copy.#last = this.#last
    copy.#items = structuredClone(this.#items)
    copy.#clusters = structuredClone(this.#clusters)
    copy.#topics = structuredClone(this.#topics)
    return copy
  }

  /** What the catalog and Kafka would show for a spec. */
  observed(spec: Spec): Observed {
    return {
      role: ROLE,
      sessionCluster: SESSION_CLUSTER,
      databases: [WITHIN.database],
      schemas: [{ id: 'u3', database: WITHIN.database, name: WITHIN.schema }],
      clusters: this.#clusters.map(observedCluster),
      objects: this.#items.map((item) => observedItem(item, this.#clusters)),
      topics: spec.topics.map(({ name, connection }) => {
        const topic = this.#topics.find((one) => one.name === name)
        return {
          connection,
          name,
          exists: topic !== undefined,
          partitions: topic?.partitions ?? 0,
          replicationFactor: topic ? 1 : 0,
          config: new Map(Object.entries(topic?.config ?? {})),
        }
      }),
    }
  }

  /** All there is, by names instead of ids: an object made anew is equal to the one before. */
  state(): unknown {
    const names = new Map([
      ...this.#clusters.map((one) => [one.id, ident(one.name)] as const),
      ...this.#items.map((one) => [one.id, qualified(one.name)] as const),
    ])
    const named = (_key: string, value: unknown): unknown =>
      typeof value === 'string' && /^u\d+$/.test(value) ? (names.get(value) ?? 'progress') : value
    const state = {
      clusters: byName(this.#clusters, (one) => one.name),
      items: byName(this.#items, (one) => qualified(one.name)).map((item) => ({
        ...item,
        dependsOn: item.dependsOn.map((id) => names.get(id) ?? 'progress').sort(),
      })),
      topics: byName(this.#topics, (one) => one.name),
    }
    return JSON.parse(JSON.stringify(state, named).replace(/\[u\d+ AS /g, '[')) as unknown
  }

  /** Every object by its kind and name, as statements have them, with all that the catalog has. */
  objects(): Map<string, Readonly<Item | Cluster>> {
    return new Map<string, Item | Cluster>([
      ...this.#clusters.map((one) => [`CLUSTER ${ident(one.name)}`, one] as const),
      ...this.#items.map((one) => [`${wordOf(one)} ${qualified(one.name)}`, one] as const),
    ])
  }

  /** Creates or alters a topic, as the action’s own client of Kafka does. */
  makeTopic({ action, spec }: TopicStep): void {
    const { name, partitions, config } = spec
    const there = this.#topics.find((one) => one.name === name)
    if (!there) this.#topics.push({ name, partitions, config: { ...config } })
    if (!there || action !== 'alter') return
    there.partitions = Math.max(there.partitions, partitions)
    Object.assign(there.config, config)
  }

  send(text: string): void {
    for (const [pattern, take] of this.#rules) {
      const match = pattern.exec(text)
      if (!match) continue
      take(match.slice(1).map((group: string | undefined) => group ?? ''))
      return
    }
    throw new Refused(`not understood: ${text}`)
  }

  readonly #rules: Rule[] = [
    [
      re(`CREATE CLUSTER (${IDENT}) \\(SIZE ${TEXT}(?:, REPLICATION FACTOR (\\d+))?\\)`),
      ([name = '', size = '', factor = '']) => {
        if (this.#clusters.some((one) => one.name === plain(name))) {
          throw new Refused(`cluster ${name} already exists`)
        }
        const kept = nobodys(this.#id())
        this.#clusters.push({ ...kept, name: plain(name), size, factor: Number(factor || '1') })
      },
    ],
    [
      re(`CREATE (SECRET) (${NAME}) AS ${TEXT}`),
      ([_word, name = '']) => {
        this.#make(name, { type: 'secret', dependsOn: [] })
      },
    ],
    [
      re(`CREATE (TABLE|VIEW) (${NAME})(.*)`),
      ([word = '', name = '', rest = '']) => {
        this.#make(name, { type: word.toLowerCase(), dependsOn: this.#resolve(rest).ids })
      },
    ],
    [
      re(`CREATE CONNECTION (${NAME}) TO KAFKA \\((.*?)\\)(?: WITH \\(VALIDATE = false\\))?`),
      ([name = '', options = '']) => {
        const item = this.#make(name, { type: 'connection', dependsOn: [] })
        this.#setOptions(item, options)
      },
    ],
    [
      re(`CREATE (SOURCE|SINK|MATERIALIZED VIEW) (${NAME})(?: IN CLUSTER (${IDENT}))?(.*)`),
      ([word = '', name = '', cluster = '', rest = '']) => {
        const { id } = this.#cluster(cluster || ident(SESSION_CLUSTER))
        const { text, ids } = this.#resolve(rest)
        const definition = read(`CREATE ${word} ${name} IN CLUSTER [${id}]${text}`)
        const type = word.toLowerCase().replace(' ', '-')
        this.#admit(definition)
        if (word === 'SOURCE') ids.push(this.#id())
        this.#make(name, { type, definition, cluster: id, dependsOn: ids })
      },
    ],
    [re(`ALTER (SECRET) (${NAME}) AS ${TEXT}`), ([word, name]) => void this.#item(word, name)],
    [re(`VALIDATE (CONNECTION) (${NAME})`), ([word, name]) => void this.#item(word, name)],
    [
      re(`ALTER (CONNECTION) (${NAME}) (.*) WITH \\(VALIDATE = false\\)`),
      ([word, name, clauses = '']) => {
        const item = this.#item(word, name)
        const all = [...clauses.matchAll(/(SET|DROP) \(((?:[^()']|'[^']*'|\([^)]*\))*)\)/g)]
        const texts = (verb: string) => all.filter((one) => one[1] === verb).map((one) => one[2])
        const fixed = all.find((one) => one[2]?.startsWith('PROGRESS TOPIC'))
        if (fixed) throw new Refused(`cannot ALTER KAFKA option ${fixed[2] ?? ''}`)
        this.#setOptions(item, texts('SET').join(', '), texts('DROP'))
      },
    ],
    [
      re(`ALTER (SINK) (${NAME}) SET FROM (${NAME})`),
      ([word, name, from = '']) => {
        const item = this.#item(word, name)
        const { text, ids } = this.#resolve(from)
        const made = read(`CREATE SINK ${qualified(item.name)} FROM ${text}`)
        const { definition } = item
        if (made.is !== 'sink' || definition?.is !== 'sink') throw new Refused('no sink')
        this.#admit(made)
        const old = definition.from?.id
        item.dependsOn = [...item.dependsOn.filter((id) => id !== old), ...ids]
        item.definition = { ...definition, ...(made.from ? { from: made.from } : {}) }
      },
    ],
    [
      re(`ALTER CLUSTER (${IDENT}) SET \\((.*)\\)`),
      ([name = '', settings = '']) => {
        const cluster = this.#cluster(name)
        cluster.size = /SIZE '([^']*)'/.exec(settings)?.[1] ?? cluster.size
        cluster.factor = Number(/REPLICATION FACTOR (\d+)/.exec(settings)?.[1] ?? cluster.factor)
      },
    ],
    [
      re(`ALTER ${OBJECT} OWNER TO (${IDENT})`),
      ([word, name, role = '']) => {
        this.#kept(word, name).owner = plain(role)
      },
    ],
    [
      re(`GRANT ([A-Z, ]+) ON ${OBJECT} TO (${IDENT})`),
      ([privileges = '', word = '', name = '', role = '']) => {
        const { grants } = this.#kept(word, name)
        const found = grants.find((one) => one.to === plain(role))
        const has = found ?? { to: plain(role), privileges: [] }
        if (!found) grants.push(has)
        const given = privileges.toLowerCase().split(', ') as Privilege[]
        has.privileges = [...new Set([...has.privileges, ...given])].sort()
      },
    ],
    [
      re(`COMMENT ON ${OBJECT} IS ${TEXT}`),
      ([word, name, comment = '']) => {
        this.#kept(word, name).comment = comment.replaceAll("''", "'")
      },
    ],
    [re(`DROP ${OBJECT}`), ([word, name]) => this.#drop(word, name)],
  ]

  #id(): string {
    this.#last += 1
    return `u${String(this.#last)}`
  }

  #make(name: string, facts: Pick<Item, 'type' | 'dependsOn'> & Partial<Item>): Item {
    const item: Item = { ...nobodys(this.#id()), name: nameOf(name), ...facts }
    if (this.#items.some((one) => qualified(one.name) === name)) {
      throw new Refused(`${item.type} ${name} already exists`)
    }
    this.#items.push(item)
    return item
  }

  /** Every name in full is another object’s: it gets its id, as the server writes it. */
  #resolve(text: string): { text: string; ids: string[] } {
    const ids = new Set<string>()
    const resolved = text.replace(NAMES, (name) => {
      const item = this.#items.find((one) => qualified(one.name) === name)
      if (!item) throw new Refused(`unknown catalog item ${name}`)
      ids.add(item.id)
      return `[${item.id} AS ${name}]`
    })
    return { text: resolved, ids: [...ids] }
  }

  /** What only the server can check of a new source or sink. */
  #admit(definition: Definition): void {
    const typeOf = (id: string | undefined) => this.#items.find((one) => one.id === id)?.type ?? ''
    if (definition.is === 'source') {
      const topic = textOf(definition.from?.options['TOPIC'])
      if (!this.#topics.some((one) => one.name === topic)) throw new Refused('Topic does not exist')
    }
    const isFit = ['source', 'table', 'materialized-view'].includes(
      definition.is === 'sink' ? typeOf(definition.from?.id) : 'source',
    )
    if (!isFit) throw new Refused('cannot be sunk')
  }

  #setOptions(item: Item, set: string, drop: (string | undefined)[] = []): void {
    const before = item.definition?.is === 'connection' ? item.definition.options : {}
    const made = read(`CREATE CONNECTION "c" TO KAFKA (${this.#resolve(set).text})`)
    if (made.is !== 'connection') throw new Refused('no connection')
    // Of BROKER and BROKERS, each takes the other’s place.
    const gone = [...drop, ...(made.brokers.length > 0 ? ['BROKER', 'BROKERS'] : [])]
    const kept = Object.entries(before).filter(([name]) => !gone.includes(name))
    const options = { ...Object.fromEntries(kept), ...made.options }
    checkLogin(Object.keys(options), textOf(options['SECURITY PROTOCOL']))
    const brokers =
      made.brokers.length > 0 || item.definition?.is !== 'connection'
        ? made.brokers
        : item.definition.brokers
    item.definition = { ...made, options, brokers }
    item.dependsOn = Object.values(options).flatMap((value) =>
      value.is === 'secret' ? [value.reference.id ?? ''] : [],
    )
  }

  #cluster(name: string): Cluster {
    const cluster = this.#clusters.find((one) => one.name === plain(name))
    if (!cluster) throw new Refused(`unknown cluster ${name}`)
    return cluster
  }

  #item(word = '', name = ''): Item {
    const item = this.#items.find((one) => qualified(one.name) === name)
    // Sources and views are tables to GRANT.
    const fits = item && (wordOf(item) === word || word === 'TABLE')
    if (!fits) throw new Refused(`unknown ${word} ${name}`)
    return item
  }

  #kept(word = '', name = ''): Kept {
    return word === 'CLUSTER' ? this.#cluster(name) : this.#item(word, name)
  }

  #drop(word = '', name = ''): void {
    const { id } = this.#kept(word, name)
    const user =
      word === 'CLUSTER'
        ? this.#items.find((one) => one.cluster === id)
        : this.#items.find((one) => one.dependsOn.includes(id))
    if (user) throw new Refused(`cannot drop ${name}: ${qualified(user.name)} depends on it`)
    if (word === 'CLUSTER') this.#clusters = this.#clusters.filter((one) => one.id !== id)
    else this.#items = this.#items.filter((one) => one.id !== id)
  }
}

/** Each made once: there are many models. */
const PATTERNS = new Map<string, RegExp>()

function re(pattern: string): RegExp {
  const known = PATTERNS.get(pattern) ?? new RegExp(`^${pattern}$`, 's')
  PATTERNS.set(pattern, known)
  return known
}

function nobodys(id: string): Kept {
  return { id, comment: '', owner: ROLE, grants: [] }
}

function plain(name: string): string {
  return name.slice(1, -1).replaceAll('""', '"')
}

function nameOf(text: string): QualifiedName {
  const [database = '', schema = '', name = ''] = [...text.matchAll(IDENTS)].map((match) =>
    plain(match[0]),
  )
  return { database, schema, name }
}

function wordOf(item: Item): string {
  return item.type.toUpperCase().replace('-', ' ')
}

function byName<T>(all: T[], name: (one: T) => string): T[] {
  return all.toSorted((a, b) => (name(a) < name(b) ? -1 : 1))
}

function read(text: string): Definition {
  const definition = readDefinition(text)
  if (!definition || definition.other.length > 0) throw new Refused(`not understood: ${text}`)
  return definition
}

function checkLogin(options: string[], protocol: string): void {
  const login = ['SASL MECHANISMS', 'SASL USERNAME', 'SASL PASSWORD']
  if (protocol.startsWith('SASL')) {
    const missing = login.find((name) => !options.includes(name))
    if (missing !== undefined) throw new Refused(`${missing} must be specified`)
  } else {
    const given = login.find((name) => options.includes(name))
    if (given !== undefined) {
      throw new Refused(`option ${given} not supported with this configuration`)
    }
  }
}
