import type { Marker } from './marker.ts'
import { type Plan, sameTarget } from './plan.ts'
import { commentOn, type Statement, type Target, targetName } from './sql.ts'

/** Something that is there and carries our mark. */
export interface Marked {
  target: Target
  /** The user’s own words in its comment. */
  own: string
  marker: Marker
}

/**
 * Writes into the mark of one object of ours what is about to be made, and takes it out in the end.
 * If there is no such object yet, the first one made carries the note from its own mark on.
 * @param marked of this spec alone: of others’ objects another run may be writing the marks, or
 * dropping them.
 */
export function noteWhatIsMade(plan: Plan, marked: Marked[]): void {
  const { steps, before, after, drops } = plan
  const made = steps.filter((step) => step.action === 'create' || step.action === 'replace')
  const stays = marked.filter(
    ({ target }) => !drops.some((drop) => sameTarget(drop.target, target)),
  )
  const leftOver = stays.filter(({ marker }) => marker.making !== undefined)
  const anchor = leftOver[0] ?? stays[0]
  const toClear = new Set(leftOver)
  const [first, ...others] = made
  if (anchor && first) {
    toClear.add(anchor)
    // Those of a killed run stay listed until they carry their own mark.
    const making = [...(anchor.marker.making ?? []), ...made.map(noteOf)]
    before.push(noted(plan, anchor, making))
  } else if (first?.mark && others.length > 0) {
    after.push(commentOn(first, first.mark))
    first.mark = {
      ...first.mark,
      marker: { ...first.mark.marker, making: others.map(noteOf) },
    }
  }
  for (const one of toClear) after.push(noted(plan, one, []))
}

/** How a mark names an object that is about to be made. */
export function noteOf(of: Target): string {
  return `${of.kind}:${targetName(of)}`
}

function noted(plan: Plan, one: Marked, making: string[]): Statement {
  const step = plan.steps.find((candidate) => sameTarget(candidate, one.target))
  const { own, marker } = step?.mark ?? one
  const { making: _before, ...rest } = marker
  return commentOn(one.target, { own, marker: making.length > 0 ? { ...rest, making } : rest })
}
