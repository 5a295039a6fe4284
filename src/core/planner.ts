import { resolvedNote } from './acl.ts'
import { type Difference, keepingDifferences, keepingStatements } from './difference.ts'
import { Failure, type FailureFacts } from './failure.ts'
import { isNoted, marksOf, noteOf, noteWhatIsMade, type There } from './making.ts'
import { isOf, type Marker, readComment } from './marker.ts'
import type { Spec } from './model.ts'
import type { Observed, ObservedObject } from './observed.ts'
import { placeRefusal, relationRefusals, typeRefusal } from './places.ts'
import { connectionRefusals } from './connection-references.ts'
import { markFor, pullOf, untilOf } from './plan-mark.ts'
import { lossOf, refusal } from './plan-refusal.ts'
import { emptyPlan, type Plan, type PlanOptions, type Step } from './plan.ts'
import * as sql from './sql.ts'
import type { Target } from './sql.ts'
import { dependentsFirst, findTarget, objectText, sameTarget, targetOf } from './targets.ts'
import type { Found, Wanted } from './wanted-model.ts'
import { wantedOf } from './wanted.ts'

/** The difference between what should be there and what is, as data. Nothing is asked or sent. */
export function plan(spec: Spec, observed: Observed, options: PlanOptions): Plan {
  const planner = new Planner(observed, options)
  const wanted = wantedOf(spec)
  planner.takeAll(wanted)
  for (const facts of relationRefusals(spec, observed)) planner.refuse(facts)
  for (const facts of connectionRefusals(spec, observed)) planner.refuse(facts)
  if (!options.isPart) planner.orphans(wanted)
  noteWhatIsMade(planner.result, planner.there())
  return planner.result
}

class Planner {
  readonly result = emptyPlan()
  readonly #observed: Observed
  readonly #options: PlanOptions
  /** Ids of what is dropped and made anew. */
  readonly #replaced = new Set<string>()
  /** Ids of what is there under a name of the spec. */
  readonly #there = new Set<string>()
  /** What is there and of this spec. */
  readonly #present: { target: Target; found: Found }[] = []

  constructor(observed: Observed, options: PlanOptions) {
    this.#observed = observed
    this.#options = options
  }

  takeAll(wanted: Wanted[]): void {
    for (const one of wanted) {
      const found = findTarget(this.#observed, one)
      if (found && 'type' in found) this.#there.add(found.id)
      if (found) this.#present.push({ target: one, found })
    }
    for (const one of wanted) this.#take(one)
  }

  #take(wanted: Wanted): void {
    const found = findTarget(this.#observed, wanted)
    const refusal = placeRefusal(wanted, found, this.#observed) ?? typeRefusal(wanted, found)
    if (refusal) this.refuse(refusal)
    else if (found) this.#compare(wanted, found)
    else if (!wanted.partOf || this.#takes(wanted.partOf, wanted)) this.#create(wanted)
  }

  /**
   * Whether a connection is to have a secret that is not there. One that is there has its secrets
   * already, under whatever names, unless it is changed.
   */
  #takes(connection: Wanted, secret: Wanted): boolean {
    const found = findTarget(this.#observed, connection)
    if (!found) return true
    if (!this.#isOurs(connection, found) && !this.#options.adopt) return false
    const name = sql.qualified(secret.name)
    return connection.differences(found, this.#observed).some((one) => one.asked === name)
  }

  #create(wanted: Wanted): void {
    if (wanted.missing) {
      this.refuse(wanted.missing)
      return
    }
    this.#push(wanted, {
      action: 'create',
      ownership: 'ours',
      differences: [],
      statements: wanted.create,
      mark: this.#mark(wanted),
      finish: this.#finish(wanted),
    })
  }

  /** Of something made: it is checked once it carries its mark, and may be given away at last. */
  #finish(wanted: Wanted): sql.Statement[] {
    return [...wanted.check, ...keepingStatements(wanted, wanted.keeping, undefined)]
  }

  #compare(wanted: Wanted, found: Found): void {
    const ours = this.#isOurs(wanted, found)
    const ownership = ours ? 'ours' : this.#options.adopt ? 'adopted' : 'foreign'
    const differences = [
      ...wanted.differences(found, this.#observed),
      ...keepingDifferences(wanted.keeping, found),
      ...this.#uprooted(found),
    ]
    const facts = { ownership, differences, id: found.id } as const
    if (ownership === 'foreign') {
      this.#leaveForeign(wanted, differences)
      this.#push(wanted, { action: 'keep', ...facts, statements: wanted.check, finish: [] })
      return
    }
    const impossible = differences.filter((one) => one.means === 'impossible')
    const replacing = differences.filter((one) => one.means === 'replace')
    if (impossible.length > 0) {
      this.refuse(refusal(wanted, impossible, 'cannot be changed'))
    } else if (replacing.length > 0) {
      this.#replace(wanted, found, { ...facts, replacing })
    } else {
      const rewrite =
        ownership === 'adopted' ||
        !this.#isMarked(found) ||
        (this.#options.specFile ?? found.marker?.spec) !== found.marker?.spec ||
        untilOf(this.#options, wanted) !== found.marker?.until ||
        pullOf(this.#options, wanted) !== found.marker?.pull ||
        this.#topicsOf(wanted, found).length > (found.marker?.topics ?? []).length ||
        this.#aclsOf(wanted, found).length > (found.marker?.acls ?? []).length ||
        differences.some((one) => one.attribute === 'comment')
      const altered = wanted.alter(differences, found)
      this.#push(wanted, {
        action: wanted.write.length > 0 ? 'write' : differences.length > 0 ? 'alter' : 'keep',
        ...facts,
        statements: [...wanted.write, ...altered, ...wanted.check],
        ...(rewrite ? { mark: this.#mark(wanted, found) } : {}),
        finish: keepingStatements(wanted, wanted.keeping, found),
      })
    }
  }

  #replace(
    wanted: Wanted,
    found: Found,
    of: Pick<Step, 'ownership' | 'differences'> & { replacing: Difference[] },
  ): void {
    const name = sql.targetName(wanted)
    if (!this.#options.mayReplace(wanted)) {
      const loss = lossOf(wanted.kind)
      this.refuse({
        ...refusal(wanted, of.replacing, 'can only be changed by dropping it and making it anew'),
        hint: `allow-replace permits that for ${wanted.kind} ${name}: ${loss}. Otherwise put the spec back.`,
      })
    }
    const others = this.#othersOn(found.id)
    if (others.length > 0) {
      this.refuse({
        reason: 'dependents-exist',
        message: `The ${wanted.kind} ${name} would be replaced, and what is not ours depends on it: ${others.join(', ')}.`,
      })
    }
    // The new one is not where the present one is, if the spec does not say where.
    this.refuse(placeRefusal(wanted, undefined, this.#observed))
    // Also where it is refused: the plan shows what would follow from it.
    this.#replaced.add(found.id)
    this.result.drops.unshift({ target: wanted, statement: sql.drop(wanted) })
    this.#push(wanted, {
      action: 'replace',
      ownership: of.ownership,
      differences: of.differences,
      id: found.id,
      statements: wanted.create,
      mark: this.#mark(wanted, found),
      finish: this.#finish(wanted),
    })
  }

  /** What is made from something that is replaced goes with it. */
  #uprooted(found: Found): Difference[] {
    if (!('dependsOn' in found)) return []
    const lost = found.dependsOn.find((id) => this.#replaced.has(id))
    const from = this.#observed.objects.find((object) => object.id === lost)
    if (!from) return []
    const name = sql.qualified(from.name)
    const there = `the present ${name}`
    return [{ attribute: 'made from', there, asked: `the new ${name}`, means: 'replace' }]
  }

  /** What depends on an object and would not be made again with it. */
  #othersOn(id: string): string[] {
    return this.#observed.objects
      .filter((object) => object.dependsOn.includes(id))
      .filter((object) => !this.#there.has(object.id) || !this.#isMarked(object))
      .map(objectText)
  }

  /** What is marked ours and not in the spec. */
  orphans(wanted: Wanted[]): void {
    const { specFile } = this.#options
    // One repository may have many specs: only what is of this file can be missed in it.
    if (specFile === undefined) return
    const orphans = this.#observed.objects.filter(
      (object) =>
        this.#isMarked(object) &&
        object.marker?.spec === specFile &&
        !wanted.some((one) => sameTarget(one, targetOf(object))),
    )
    for (const object of dependentsFirst(orphans)) {
      const target = targetOf(object)
      this.#orphan(target, object)
      const others = this.#observed.objects.filter(
        (other) => other.dependsOn.includes(object.id) && !orphans.includes(other),
      )
      if (this.#options.prune) this.#dropOrphan(target, others)
    }
    this.#orphanedClusters(wanted)
  }

  #orphan(target: Target, found: Found): void {
    const { prune } = this.#options
    this.#present.push({ target, found })
    this.#push(target, {
      action: prune ? 'drop' : 'keep',
      ownership: 'ours',
      differences: [],
      statements: [],
      finish: [],
      id: found.id,
    })
    if (prune) {
      this.#tellRules(target, found)
      return
    }
    this.result.notes.push(
      `The ${target.kind} ${sql.targetName(target)} was made by this action and is not in the spec; prune drops it.`,
    )
  }

  /** @param others what needs it and is no orphan itself. */
  #dropOrphan(target: Target, others: ObservedObject[]): void {
    const drop = { target, statement: sql.drop(target) }
    if (others.length > 0 && others.every((other) => this.#doesWithout(other, target))) {
      this.result.dropsAfter.push(drop)
      return
    }
    if (others.length > 0) {
      this.refuse({
        reason: 'dependents-exist',
        message: `The ${target.kind} ${sql.targetName(target)} is no longer in the spec, and others need it: ${others.map(objectText).join(', ')}.`,
        inputs: ['prune'],
      })
    }
    this.result.drops.push(drop)
  }

  /** Whether a connection that needs a secret is changed or made anew to do without it. */
  #doesWithout(other: ObservedObject, secret: Target): boolean {
    if (secret.kind !== 'secret') return false
    const name = sql.qualified(secret.name)
    return (
      this.#replaced.has(other.id) ||
      this.result.steps.some(
        (step) =>
          step.id === other.id &&
          step.action === 'alter' &&
          step.differences.some(({ there, means }) => there === name && means === 'alter'),
      )
    )
  }

  /** The spec holds no longer how its Kafka is reached. */
  #tellRules(target: Target, { marker }: Found): void {
    const count = marker?.acls?.length ?? 0
    if (count === 0) return
    this.result.notes.push(
      `The rules (ACLs) that were added for ${target.kind} ${sql.targetName(target)}, ${String(count)} at most, stay in its Kafka: tear it down before it leaves the spec, and they go.`,
    )
  }

  /** Dropped after everything that runs in them. */
  #orphanedClusters(wanted: Wanted[]): void {
    const { prune, specFile } = this.#options
    for (const cluster of this.#observed.clusters) {
      const target = targetOf(cluster)
      if (!this.#isMarked(cluster) || cluster.marker?.spec !== specFile) continue
      if (wanted.some((one) => sameTarget(one, target))) continue
      this.#orphan(target, cluster)
      const others = this.#observed.objects.filter(
        (object) =>
          object.cluster === cluster.name &&
          !this.result.drops.some((drop) => sameTarget(drop.target, targetOf(object))),
      )
      if (prune) this.#dropOrphan(target, others)
    }
  }

  #leaveForeign(wanted: Wanted, differences: Difference[]): void {
    const name = `${wanted.kind} ${sql.targetName(wanted)}`
    if (differences.length > 0) {
      const asked = refusal(wanted, differences, 'is there already, and is another one')
      this.refuse(asked)
    } else if (wanted.kind === 'secret') {
      this.result.notes.push(
        `The ${name} was not made by this action for this repository: it keeps its value, and the one given was not written.`,
      )
    } else {
      this.result.notes.push(
        `The ${name} was not made by this action for this repository: it is used as it is.`,
      )
    }
  }

  #push(target: Target, step: Omit<Step, keyof Target>): void {
    this.result.steps.push({ kind: target.kind, name: target.name, ...step })
  }

  #mark(wanted: Wanted, found?: Found): NonNullable<Step['mark']> {
    const before = found && this.#isMarked(found) ? found : (this.#formerly(wanted) ?? found)
    const own = wanted.keeping.comment ?? before?.comment ?? ''
    const topics = this.#topicsOf(wanted, before)
    const acls = this.#aclsOf(wanted, before)
    return {
      own,
      marker: {
        ...markFor(wanted, this.#options),
        // Until it is put right, a killed rotation must not be forgotten.
        ...(before?.marker?.restarting && { restarting: before.marker.restarting }),
        ...(topics.length > 0 ? { topics } : {}),
        ...(acls.length > 0 ? { acls } : {}),
      },
    }
  }

  /** What the comment said of an object that a killed run has dropped to make it anew. */
  #formerly(wanted: Wanted): { comment: string; marker?: Marker } | undefined {
    const note = noteOf(wanted)
    const [said] = this.#marks().flatMap(({ anew }) => anew?.[note] ?? [])
    if (said === undefined) return undefined
    const { own, marker } = readComment(said)
    return { comment: own, ...(marker ? { marker } : {}) }
  }

  /** Topics that this action made by a connection, or is about to. */
  #topicsOf(wanted: Wanted, found: { marker?: Marker } | undefined): string[] {
    if (wanted.kind !== 'connection') return []
    const made = found?.marker?.topics ?? []
    return [...new Set([...made, ...this.#options.newTopics(wanted.name)])]
  }

  /**
   * Rules that this action made for a connection, or is about to. Those of one that is made anew keep
   * the id that it had when they were made.
   */
  #aclsOf(wanted: Wanted, found: { id?: string; marker?: Marker } | undefined): string[] {
    if (wanted.kind !== 'connection') return []
    const { acls = [] } = found?.marker ?? {}
    const id = found?.id
    const made = id === undefined ? acls : acls.map((note) => resolvedNote(note, id))
    return [...new Set([...made, ...(this.#options.newAcls?.(wanted.name) ?? [])])]
  }

  /** What is there and of this spec. */
  there(): There[] {
    return this.#present.map((one) => ({ ...one, isMarked: this.#isMarked(one.found) }))
  }

  /** Whether we made it: by its own mark, or by the note of a run that was killed before the mark. */
  #isOurs(wanted: Wanted, found: Found): boolean {
    // An environment’s schema is known by its name alone, which holds a digest of whose it is.
    if (wanted.kind === 'schema' && found.marker === undefined) return true
    return this.#isMarked(found) || isNoted({ target: wanted, found }, this.#marks())
  }

  #marks(): Marker[] {
    return marksOf(this.#observed, this.#options.repository)
  }

  #isMarked(found: Found): boolean {
    return isOf(found.marker, this.#options.repository, this.#options.environment?.name)
  }

  /** One refusal of each text is enough: a missing schema concerns every object in it. */
  refuse(facts: FailureFacts | undefined): void {
    if (!facts || this.result.refusals.some((other) => other.message === facts.message)) return
    this.result.refusals.push(new Failure(facts))
  }
}
