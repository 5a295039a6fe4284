import { commentText, type Marker } from './marker.ts'
import type { Observed } from './observed.ts'
import { firstMade, isMade, type Plan, type Step } from './plan.ts'
import { sameTarget } from './targets.ts'
import { commentOn, type Statement, targetName, type Target } from './sql.ts'
import type { Found } from './wanted-model.ts'

/** What is about to be made, as the mark of another object says it until all is made. */
type Note = Required<Pick<Marker, 'making' | 'anew'>>

type Mark = NonNullable<Step['mark']>

/** Something of the spec that is there. */
export interface There {
  target: Target
  found: Found
  /** Whether it carries a mark of ours. */
  isMarked: boolean
}

/** How a mark names an object that is about to be made. */
export function noteOf(of: Target): string {
  return `${of.kind}:${targetName(of)}`
}

/** The marks of a repository, whatever spec they are of. */
export function marksOf({ objects, clusters, schemas }: Observed, repository: string): Marker[] {
  return [...objects, ...clusters, ...schemas].flatMap(({ marker }) =>
    marker?.repository === repository ? marker : [],
  )
}

/** Whether a run that was killed has made an object and not marked it, by the notes in marks. */
export function isNoted({ target, found }: Omit<There, 'isMarked'>, marks: Marker[]): boolean {
  if (found.comment !== '' || found.marker !== undefined) return false
  const note = noteOf(target)
  return marks.some(({ making }) => making?.includes(note))
}

/**
 * Has a plan write into the mark of one object of ours what it is about to make, and take it out in
 * the end. If there is no such object yet, the first one made carries the note from its own mark on.
 * @param there only what is of this spec: another run may be writing the marks of other specs’
 * objects, or dropping them.
 */
export function noteWhatIsMade(plan: Plan, there: There[]): void {
  const { steps, drops, dropsAfter, before, after } = plan
  const stepOf = (target: Target) => steps.find((one) => sameTarget(one, target))
  const marked = there.filter((one) => one.isMarked)
  // What is adopted may hold it too: it is marked first then.
  const adopted = there.filter((one) => !one.isMarked && stepOf(one.target)?.mark)
  const stays = [...marked, ...adopted].filter(
    ({ target }) => ![...drops, ...dropsAfter].some((drop) => sameTarget(drop.target, target)),
  )
  const leftOver = stays.filter(({ found }) => found.marker?.making !== undefined)
  const holder = leftOver[0] ?? stays[0]
  const toClear = new Set(leftOver)
  const made = steps.filter(isMade)
  const note = allOf(marked, made)
  const first = firstMade(steps)
  if (holder && note.making.length > 0) {
    toClear.add(holder)
    const step = stepOf(holder.target)
    before.push(commentWith(note, holder, step))
    // Its own step must not write the note away before all is made.
    if (step?.mark) step.mark = withNote(step.mark, note)
  } else if (first?.mark && note.making.length > 1) {
    after.push(commentOn(first, first.mark))
    const making = note.making.filter((one) => one !== noteOf(first))
    first.mark = withNote(first.mark, { ...note, making })
  }
  for (const one of toClear) after.push(commentWith(undefined, one, stepOf(one.target)))
}

/** Those of a killed run stay listed until they carry their own mark, whoever held its note. */
function allOf(marked: There[], made: Step[]): Note {
  const earlier = marked.map(({ found }) => found.marker)
  const making = [...earlier.flatMap((marker) => marker?.making ?? []), ...made.map(noteOf)]
  // Of what has its mark, that says it.
  const isThere = (note: string) => marked.some(({ target }) => noteOf(target) === note)
  const anew = [
    ...earlier
      .flatMap((marker) => Object.entries(marker?.anew ?? {}))
      .filter(([note]) => !isThere(note)),
    ...made.flatMap(wordsLost),
  ]
  return { making: [...new Set(making)], anew: Object.fromEntries(anew) }
}

/** What would be lost with the comment of an object that is dropped, if the run ended there. */
function wordsLost(step: Step): [note: string, comment: string][] {
  const { action, mark } = step
  if (action !== 'replace' || !mark) return []
  const { topics, acls } = mark.marker
  if (mark.own === '' && topics === undefined && acls === undefined) return []
  return [[noteOf(step), commentText(mark.own, mark.marker)]]
}

function commentWith(note: Note | undefined, { target, found }: There, step?: Step): Statement {
  const { comment: own, marker } = found
  const mark = step?.mark ?? (marker && { own, marker })
  if (!mark) throw new Error(`${noteOf(target)} has no mark that could hold a note`)
  return commentOn(target, withNote(mark, note))
}

function withNote(mark: Mark, note: Note | undefined): Mark {
  const { making: _making, anew: _anew, ...marker } = mark.marker
  return { own: mark.own, marker: { ...marker, ...note } }
}
