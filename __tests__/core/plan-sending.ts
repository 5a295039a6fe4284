import { Failure } from '../../src/core/failure.ts'
import type { Spec } from '../../src/core/model.ts'
import { sameName } from '../../src/core/observed.ts'
import { type Plan, statementsOf, type Step, waves } from '../../src/core/plan.ts'
import { plan } from '../../src/core/planner.ts'
import { type TopicStep, topicSteps } from '../../src/core/topics.ts'
import { CatalogModel, Refused } from './catalog-model.ts'
import { REPOSITORY } from './plan-fixture.ts'
import type { Event } from './plan-arbitrary.ts'

/** Plans as a run makes them, and their statements in the order in which a run sends them. */

export interface Allowed {
  adopt: boolean
  prune: boolean
  replace: string[]
  specFile: string | undefined
}

export interface Planned extends Plan {
  topics: TopicStep[]
}

/** What is done whole or not at all. */
export type Atom = { texts: string[] } | { topic: TopicStep }

export interface Asked {
  spec: Spec
  allowed: Allowed
  repository?: string
}

export function planFor(model: CatalogModel, asked: Asked): Planned {
  const { spec, allowed } = asked
  const observed = model.observed(spec)
  const topics = topicSteps(spec, observed)
  const planned = plan(spec, observed, {
    repository: asked.repository ?? REPOSITORY,
    adopt: allowed.adopt,
    prune: allowed.prune,
    mayReplace: ({ kind, name }) =>
      ['all', `${kind}s`, name.name].some((word) => allowed.replace.includes(word)),
    newTopics: (connection) =>
      topics.steps
        .filter((step) => step.action === 'create' && step.ours)
        .filter((step) => sameName(step.connection, connection))
        .map((step) => step.spec.name),
    ...(allowed.specFile === undefined ? {} : { specFile: allowed.specFile }),
  })
  planned.refusals.push(...topics.refusals.map((facts) => new Failure(facts)))
  return { ...planned, topics: topics.steps }
}

/** How a run goes about it. */
export interface Way {
  /** Whether new sources are made in one transaction, which they are unless the server objects. */
  together: boolean
  /** How many steps are taken at once, at most. */
  lanes: number
  /** Which of them is quicker, time and again. */
  order: number[]
}

/** Wave by wave, in each of which steps are side by side; topics between connections and sources. */
export function atomsOf(planned: Planned, way: Way): Atom[] {
  const one = ({ text }: { text: string }): Atom => ({ texts: [text] })
  const isBase = ([step]: Step[]) =>
    step !== undefined && ['cluster', 'secret', 'connection'].includes(step.kind)
  const all = waves(planned)
  const inWave = (wave: Step[]): Atom[] => {
    const sources = wave.filter(
      ({ kind, action }) => kind === 'source' && (action === 'create' || action === 'replace'),
    )
    const made = way.together && sources.length > 1 ? sources : []
    const left = wave.map((step) =>
      statementsOf(step)
        .slice(made.includes(step) ? step.statements.length : 0)
        .map(one),
    )
    const texts = made.flatMap((step) => step.statements.map(({ text }) => text))
    return [...(texts.length > 0 ? [{ texts }] : []), ...sideBySide(left, way)]
  }
  return [
    ...planned.before.map(one),
    ...planned.drops.map((drop) => one(drop.statement)),
    ...all.filter(isBase).flatMap(inWave),
    ...planned.topics.filter((step) => step.action !== 'keep').map((topic) => ({ topic })),
    ...all.filter((wave) => !isBase(wave)).flatMap(inWave),
    ...planned.dropsAfter.map((drop) => one(drop.statement)),
    ...planned.after.map(one),
  ]
}

/** Lists that several lanes take from the front, each done in its order. */
function sideBySide(lists: Atom[][], { lanes, order }: Way): Atom[] {
  const waiting = lists.filter((list) => list.length > 0)
  const mixed: Atom[] = []
  while (waiting.length > 0) {
    const lane = (order[mixed.length % order.length] ?? 0) % Math.min(lanes, waiting.length)
    const atom = waiting[lane]?.shift()
    if (atom) mixed.push(atom)
    if (waiting[lane]?.length === 0) waiting.splice(lane, 1)
  }
  return mixed
}

export function send(atoms: Atom[], model: CatalogModel): void {
  for (const atom of atoms) {
    if ('topic' in atom) model.makeTopic(atom.topic)
    else for (const text of atom.texts) model.send(text)
  }
}

/**
 * Where nothing of ours stays that could hold the note, the first thing made has no mark for a moment,
 * and the comment of what was dropped for it is nowhere.
 */
export function isGap({ before, steps }: Planned, sent: Atom[]): boolean {
  const texts = sent.flatMap((atom) => ('texts' in atom ? atom.texts : []))
  const count = (word: string) => texts.filter((text) => text.startsWith(word)).length
  if (before.length > 0 || count('COMMENT') > 0) return false
  const hasWords = steps.some(
    ({ action, mark }) =>
      action === 'replace' &&
      mark &&
      (mark.own !== '' || mark.marker.topics !== undefined || mark.marker.acls !== undefined),
  )
  return count('CREATE') === 1 || (count('CREATE') === 0 && count('DROP') > 0 && hasWords)
}

/** The model after all that has happened. */
export function modelAfter(history: Event[]): CatalogModel {
  const model = new CatalogModel()
  const byHand = (text: string): void => {
    try {
      model.send(text)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
  }
  for (const event of history) {
    if (event.event === 'by hand') {
      const objects = [...model.objects().keys()]
      const object = objects[event.nth % objects.length] ?? ''
      const name = object.replace(/^[A-Z ]*/, '')
      byHand(event.statement.replace('{object}', object).replace('{name}', name))
    } else if (event.event === 'made by hand') {
      const allowed = { adopt: false, prune: false, replace: [], specFile: undefined }
      const { steps } = planFor(model, { ...event, allowed })
      for (const step of steps) for (const { text } of step.statements) byHand(text)
    } else {
      const planned = planFor(model, event)
      if (planned.refusals.length > 0) continue
      const atoms = atomsOf(planned, { together: true, lanes: 1, order: [0] })
      send(atoms.slice(0, Math.ceil(atoms.length * event.share)), model)
    }
  }
  return model
}
