import type { ConnectionDefinition } from './core/definition-model.ts'
import { type Diagnosis, diagnose, overlooked } from './core/diagnosis.ts'
import { type Failure, survived } from './core/failure.ts'
import { missingGrant } from './core/grants.ts'
import type { Observed, ObservedObject } from './core/observed.ts'
import {
  type MaterializeView,
  type RunnerView,
  type SideFailure,
  type Sides,
  type TopicSight,
  viewTexts,
} from './core/sides.ts'
import { qualified, statement } from './core/sql.ts'
import { type Finding, VERDICTS } from './core/verdicts.ts'
import { topicIn } from './kafka-sight.ts'
import type { KafkaRights, TopicView } from './ports.ts'
import type { Reader } from './reader.ts'
import type { Subject } from './sightings.ts'

/** A refused connection takes Materialize ten seconds. */
const VALIDATE_WITHIN_MS = 15_000
/** More connections than this are not tried: each that is refused costs a session for ten seconds. */
const MOST_CONNECTIONS = 8

type Validation = NonNullable<MaterializeView['validation']>

/** Tries connections from Materialize, each once, while something else is being watched. */
export class Validations {
  readonly #begun = new Map<string, Promise<Validation>>()
  readonly #of: { role: string; reader(): Reader; observed: Observed }

  constructor(of: { role: string; reader(): Reader; observed: Observed }) {
    this.#of = of
  }

  begin(connectionId: string | undefined): void {
    const { observed } = this.#of
    const connection = observed.objects.find((one) => one.id === connectionId)
    if (!connection || this.#begun.has(connection.id)) return
    if (this.#begun.size >= MOST_CONNECTIONS) return
    const validation = this.#validate(connection)
    // It may fail long before anybody waits for it.
    validation.catch(() => undefined)
    this.#begun.set(connection.id, validation)
  }

  async of(connectionId: string | undefined): Promise<Validation | undefined> {
    return this.#begun.get(connectionId ?? '')
  }

  async #validate({ name }: ObservedObject): Promise<Validation> {
    const { role, reader } = this.#of
    try {
      const answer = await reader().read(
        statement(`VALIDATE CONNECTION ${qualified(name)}`),
        VALIDATE_WITHIN_MS,
      )
      if (!('blind' in answer)) return 'ok'
      const grant = missingGrant(answer.failure.message, { role, object: name })
      return { blind: grant ?? answer.blind }
    } catch (thrown) {
      const failure = survived(thrown)
      if (failure.reason === 'materialize-lost') return { blind: failure.message }
      return sideFailure(failure)
    }
  }
}

function sideFailure({ reason, message }: Failure): SideFailure {
  return { reason, message }
}

/** Has the brokers say what the runner’s user may do, once for each Kafka. What they do not tell is left out. */
export async function askForRights(subjects: Subject[]): Promise<void> {
  for (const side of new Set(subjects.flatMap(({ kafka }) => kafka ?? []))) {
    if (!side.view) continue
    const own = subjects.filter(({ kafka }) => kafka === side)
    const groups = own.flatMap(({ object }) => object.source?.groupId ?? [])
    try {
      side.rights = await side.kafka.rights({ topics: side.topics, groups: [...new Set(groups)] })
    } catch (thrown) {
      survived(thrown)
    }
  }
}

/** A finding with what both sides tell of it. */
export interface Explained {
  finding: Finding
  views?: { runner: string; materialize: string }
}

/** What both sides tell of something; of what is well only what the runner alone has noticed. */
export async function explain(
  subject: Subject,
  finding: Finding,
  of: { observed: Observed; validations: Validations; version: string },
): Promise<Explained> {
  const connectionId = (subject.object.source ?? subject.object.sink)?.connectionId
  const connection = of.observed.objects.find((one) => one.id === connectionId)
  if (!connection?.connection) return { finding }
  const isWell = VERDICTS[finding.verdict].status === 'healthy' && finding.reason === undefined
  const validation = isWell ? undefined : await of.validations.of(connection.id)
  const sides = sidesOf(subject, connection, { version: of.version, validation })
  const told = isWell ? overlooked(sides) : diagnose(finding, sides)
  if (isWell && !told) return { finding }
  return { finding: told ? applied(finding, told) : finding, views: viewTexts(sides) }
}

function applied(finding: Finding, { reason, because, hint }: Diagnosis): Finding {
  // What stands still for a reason that is known is broken.
  const verdict = finding.verdict === 'paused' ? finding.verdict : 'broken'
  return { ...finding, verdict, reason, because, hint }
}

function sidesOf(
  { kind, object, kafka, evidence }: Subject,
  connection: ObservedObject,
  of: { version: string; validation: Validation | undefined },
): Sides {
  const brokers = connection.connection?.brokers ?? []
  const definition = connection.definition?.is === 'connection' ? connection.definition : undefined
  const mechanism = optionText(definition, 'SASL MECHANISMS')?.toUpperCase()
  const materialize: MaterializeView = {
    version: of.version,
    brokers,
    ...(mechanism !== undefined && { mechanism }),
    ...(of.validation && { validation: of.validation }),
    words: evidence.words,
    status: evidence.moments.at(-1)?.status ?? 'unknown',
  }
  if (!kafka) return { kind, materialize }
  const user = optionText(definition, 'SASL USERNAME')
  const topic = topicIn(kafka, (object.source ?? object.sink)?.topic)
  const progress = topicIn(kafka, connection.connection?.progressTopic)
  const lower = (list: string[]): string[] => list.map((one) => one.toLowerCase())
  const known = new Set(lower([...kafka.settings.brokers, ...(kafka.view?.brokers ?? [])]))
  const group = kafka.rights?.groups.get(object.source?.groupId ?? '')
  const sight = (seen: TopicView): TopicSight => topicSight(seen, kafka.rights)
  const runner: RunnerView = {
    isSame: lower(brokers).some((broker) => known.has(broker)),
    // What a secret holds cannot be seen.
    isSameUser: user === undefined || user === kafka.settings.sasl?.username,
    ...(kafka.failure && { failure: sideFailure(kafka.failure) }),
    ...(topic && { topic: sight(topic) }),
    ...(progress && { progressTopic: sight(progress) }),
    ...(group && { group }),
  }
  return { kind, runner, materialize }
}

/** The text of an option, unless it is kept in a secret. */
function optionText(of: ConnectionDefinition | undefined, name: string): string | undefined {
  const value = of?.options[name]
  return value?.is === 'string' || value?.is === 'word' ? value.value : undefined
}

function topicSight(
  { name, exists, partitions, failure }: TopicView,
  rights: KafkaRights | undefined,
): TopicSight {
  const may = rights?.topics.get(name)
  return {
    ...{ name, exists, partitions },
    ...(may && { may }),
    ...(failure && { failure: sideFailure(failure) }),
  }
}
