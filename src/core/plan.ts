import { connectionDifferences, sinkDifferences, sourceDifferences } from './differences.ts'
import { Failure, type FailureFacts } from './failure.ts'
import type {
  ConnectionSpec,
  QualifiedName,
  SecretSpec,
  SinkSpec,
  SourceSpec,
  Spec,
} from './model.ts'
import { findObject, type Observed, type ObservedObject, sameName } from './observed.ts'
import * as sql from './sql.ts'
import type { ObjectKind, Statement } from './sql.ts'

/**
 * create: make it and mark it as ours. write: give a secret of ours its value again, which cannot be
 * compared. validate: log in to Kafka with a connection that is there. keep: leave it as it is.
 */
export type Action = 'create' | 'write' | 'validate' | 'keep'

export interface Step {
  kind: ObjectKind
  name: QualifiedName
  action: Action
  /** Whether this action made it, or is about to. */
  ours: boolean
  /** To be sent one by one, in this order. */
  statements: Statement[]
  /** The catalog’s id, where the object is there already. */
  id?: string
}

export interface Plan {
  /** Sent before the first step: the note of what is about to be made. */
  before: Statement[]
  /** Sent after the last step: takes the note away. */
  after: Statement[]
  /** In the order of their dependencies. */
  steps: Step[]
  /** Why nothing may be done; with one of these no step is taken. */
  refusals: Failure[]
  /** What the user should know and what changes nothing. */
  notes: string[]
}

/** The difference between what should be there and what is, as data. Nothing is asked or sent. */
export function plan(spec: Spec, observed: Observed, repository: string): Plan {
  const planner = new Planner(observed, repository)
  for (const connection of spec.connections) planner.connection(connection, spec)
  for (const source of spec.sources) planner.source(source)
  for (const sink of spec.sinks) planner.sink(sink, spec)
  planner.noteWhatIsMade()
  return planner.result
}

class Planner {
  readonly result: Plan = { before: [], after: [], steps: [], refusals: [], notes: [] }
  readonly #observed: Observed
  readonly #repository: string

  constructor(observed: Observed, repository: string) {
    this.#observed = observed
    this.#repository = repository
  }

  connection(spec: ConnectionSpec, whole: Spec): void {
    const found = this.#lookUp(spec.name, 'connection')
    if (found === 'refused') return
    const secrets = [spec.secrets.username, spec.secrets.password, spec.secrets.ca]
    for (const secret of secrets) if (secret) this.#secret(secret, found)
    if (found) {
      this.#step('validate', { kind: 'connection', spec, found }, [
        sql.validateConnection(spec.name),
      ])
      this.result.notes.push(...connectionDifferences(spec, found))
      return
    }
    if (spec.kafka.brokers.length === 0) {
      const wanted = whole.sources.length > 0 ? 'source' : 'sink'
      this.#refuse({
        reason: 'input-invalid',
        message: `kafka-brokers is needed: there is no connection ${sql.qualified(spec.name)} for the ${wanted} to use.`,
        hint: 'Give kafka-brokers, kafka-username and kafka-password to have it made, or correct connection.',
        inputs: ['kafka-brokers', 'connection'],
      })
      return
    }
    this.#step('create', { kind: 'connection', spec }, [sql.createConnection(spec)])
  }

  source(spec: SourceSpec): void {
    const found = this.#lookUp(spec.name, 'source')
    if (found === 'refused' || this.#clusterRefused(spec, found?.source)) return
    if (found) {
      this.#keep({ kind: 'source', spec, found }, sourceDifferences(spec, found, this.#observed))
    } else {
      this.#step('create', { kind: 'source', spec }, [sql.createSource(spec)])
    }
  }

  sink(spec: SinkSpec, whole: Spec): void {
    const found = this.#lookUp(spec.name, 'sink')
    if (found === 'refused' || this.#clusterRefused(spec, found?.sink)) return
    if (this.#fromRefused(spec, whole)) return
    if (found) {
      this.#keep({ kind: 'sink', spec, found }, sinkDifferences(spec, found, this.#observed))
    } else {
      this.#step('create', { kind: 'sink', spec }, [sql.createSink(spec)])
    }
  }

  /**
   * Writes into the mark of one object of ours what is about to be made, and takes it out in the end.
   * If there is no such object yet, the first one made carries the note from its own mark on.
   */
  noteWhatIsMade(): void {
    const { steps, before, after } = this.result
    const noted = this.#observed.objects.filter((object) => this.#isMarked(object))
    const leftOver = noted.filter((object) => object.marker?.making !== undefined)
    const created = steps.filter((step) => step.action === 'create')
    const [first, ...others] = created
    const anchor = leftOver[0] ?? noted[0]
    if (anchor && first) before.push(...this.#note(anchor, created))
    else if (first && others.length > 0) {
      const mark = { kind: first.kind, name: first.name }
      first.statements[1] = this.#mark(mark, others.map(noteOf))
      after.push(this.#mark(mark))
    }
    const toClear = new Set(leftOver)
    if (anchor && first) toClear.add(anchor)
    for (const object of toClear) after.push(...this.#note(object, []))
  }

  #note(object: ObservedObject, made: Step[]): Statement[] {
    const kind = object.type as ObjectKind
    // Those of a killed run stay listed until they carry their own mark.
    const making = made.length === 0 ? [] : [...(object.marker?.making ?? []), ...made.map(noteOf)]
    return [this.#mark({ kind, name: object.name }, making)]
  }

  #mark(of: { kind: ObjectKind; name: QualifiedName }, making: string[] = []): Statement {
    const marker = { repository: this.#repository, key: `${of.kind}:${of.name.name}`, making }
    return sql.commentOn(of.kind, { name: of.name, marker })
  }

  #secret(spec: SecretSpec, connection: ObservedObject | undefined): void {
    const found = this.#lookUp(spec.name, 'secret')
    if (found === 'refused') return
    if (!found) {
      // A connection that is there has its secrets already, under whatever names.
      if (!connection) this.#step('create', { kind: 'secret', spec }, [sql.createSecret(spec)])
      return
    }
    if (this.#isOurs(found)) {
      this.#step('write', { kind: 'secret', spec, found }, [sql.alterSecret(spec)])
      return
    }
    this.result.notes.push(
      `Secret ${sql.qualified(spec.name)} was not made by this action for this repository: it keeps its value, and the one in the inputs was not written.`,
    )
    this.#step('keep', { kind: 'secret', spec, found }, [])
  }

  #keep(
    of: { kind: 'source' | 'sink'; spec: { name: QualifiedName }; found: ObservedObject },
    differences: string[],
  ): void {
    if (differences.length > 0) {
      this.#refuse({
        reason: 'definition-differs',
        message: `There is a ${of.kind} ${sql.qualified(of.spec.name)} already, and it is another one: ${differences.join('; ')}.`,
        inputs: [of.kind],
      })
      return
    }
    if (!this.#isOurs(of.found)) {
      this.result.notes.push(
        `The ${of.kind} ${sql.qualified(of.spec.name)} was not made by this action for this repository: it is used as it is.`,
      )
    }
    this.#step('keep', of, [])
  }

  #step(
    action: Action,
    of: { kind: ObjectKind; spec: { name: QualifiedName }; found?: ObservedObject },
    statements: Statement[],
  ): void {
    const { name } = of.spec
    const unmarked = of.found && !this.#isMarked(of.found) && this.#isOurs(of.found)
    if (action === 'create' || unmarked) statements.push(this.#mark({ kind: of.kind, name }))
    const ours = of.found ? this.#isOurs(of.found) : true
    this.result.steps.push({
      kind: of.kind,
      name,
      action,
      ours,
      statements,
      ...(of.found ? { id: of.found.id } : {}),
    })
  }

  /** Whether we made it: by its own mark, or by the note of a run that was killed before the mark. */
  #isOurs(object: ObservedObject): boolean {
    if (this.#isMarked(object)) return true
    if (object.comment !== undefined && object.comment !== '') return false
    const note = noteOf({ kind: object.type, name: object.name })
    return this.#observed.objects.some(
      (other) => this.#isMarked(other) && other.marker?.making?.includes(note),
    )
  }

  #isMarked(object: ObservedObject): boolean {
    return object.marker?.repository === this.#repository
  }

  /** The object of this name, if its type is right and its schema is there. */
  #lookUp(name: QualifiedName, type: ObjectKind): ObservedObject | undefined | 'refused' {
    if (this.#placeRefused(name)) return 'refused'
    const found = findObject(this.#observed, name)
    if (found && found.type !== type) {
      this.#refuse({
        reason: 'name-taken',
        message: `${sql.qualified(name)} is there already, and is a ${found.type}, not a ${type}.`,
        inputs: type === 'secret' ? ['connection'] : [type],
      })
      return 'refused'
    }
    if (found && type === 'source' && found.source?.type !== 'kafka') {
      this.#refuse({
        reason: 'name-taken',
        message: `${sql.qualified(name)} is a ${found.source?.type ?? 'different'} source, not one that reads Kafka.`,
        inputs: ['source'],
      })
      return 'refused'
    }
    if (found && type === 'connection' && found.connection?.type !== 'kafka') {
      this.#refuse({
        reason: 'name-taken',
        message: `${sql.qualified(name)} is a connection to ${found.connection?.type ?? 'something else'}, not to Kafka.`,
        inputs: ['connection'],
      })
      return 'refused'
    }
    return found
  }

  #placeRefused(name: QualifiedName): boolean {
    const { databases, schemas } = this.#observed
    if (!databases.includes(name.database)) {
      this.#refuse({
        reason: 'database-unknown',
        message: `There is no database ${sql.ident(name.database)}. There are: ${list(databases)}.`,
        inputs: ['materialize-database'],
      })
      return true
    }
    const here = schemas.filter((schema) => schema.database === name.database)
    if (here.some((schema) => schema.name === name.schema)) return false
    this.#refuse({
      reason: 'schema-unknown',
      message: `There is no schema ${sql.ident(name.schema)} in database ${sql.ident(name.database)}. There are: ${list(here.map((schema) => schema.name))}.`,
      inputs: ['schema'],
    })
    return true
  }

  /** @param found what is there already: then its own cluster is the one that must run it. */
  #clusterRefused(spec: { cluster?: string }, found: { cluster?: string } | undefined): boolean {
    const name = spec.cluster ?? found?.cluster ?? this.#observed.sessionCluster
    return (
      this.#isUnusable(name) || (found?.cluster !== undefined && this.#isUnusable(found.cluster))
    )
  }

  #isUnusable(name: string): boolean {
    const found = this.#observed.clusters.find((cluster) => cluster.name === name)
    if (!found) {
      const usable = this.#observed.clusters.filter((cluster) => cluster.id.startsWith('u'))
      this.#refuse({
        reason: 'cluster-unknown',
        message: `There is no cluster ${sql.ident(name)}. There are: ${list(usable.map((cluster) => cluster.name))}.`,
        inputs: ['cluster'],
      })
      return true
    }
    if (found.replicas > 0) return false
    this.#refuse({
      reason: 'cluster-without-replicas',
      message: `Cluster ${sql.ident(name)} has no replicas: nothing in it would run.`,
      inputs: ['cluster'],
    })
    return true
  }

  #fromRefused(spec: SinkSpec, whole: Spec): boolean {
    if (whole.sources.some((source) => sameName(source.name, spec.from))) return false
    if (this.#placeRefused(spec.from)) return true
    const found = findObject(this.#observed, spec.from)
    if (!found) {
      this.#refuse({
        reason: 'relation-unknown',
        message: `There is no source, table or materialized view ${sql.qualified(spec.from)}.`,
        inputs: ['sink-from'],
      })
      return true
    }
    if (['source', 'table', 'materialized-view'].includes(found.type)) return false
    this.#refuse({
      reason: 'relation-unfit',
      message: `${sql.qualified(spec.from)} is a ${found.type}, which Materialize cannot sink.`,
      inputs: ['sink-from'],
    })
    return true
  }

  /** One refusal of each kind and text is enough: a missing schema concerns every object in it. */
  #refuse(facts: FailureFacts): void {
    if (this.result.refusals.some((other) => other.message === facts.message)) return
    this.result.refusals.push(new Failure(facts))
  }
}

/** How a mark names an object that is about to be made. */
function noteOf(of: { kind: string; name: QualifiedName }): string {
  return `${of.kind}:${sql.qualified(of.name)}`
}

/** Names as a person reads them; long lists are cut with their number. */
function list(names: string[]): string {
  const most = 20
  const shown = [...names].sort().slice(0, most).map(sql.ident).join(', ')
  if (names.length === 0) return 'none'
  return names.length > most ? `${shown} and ${String(names.length - most)} more` : shown
}
