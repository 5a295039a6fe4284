import type { Recorded } from '../pipeline/recorded.ts'
import { type Sheet, shapeOf, steady, type Unit } from './shape.ts'

/** What the bundle sent in runs that were recorded. */

/**
 * The units of each session, each shape once: what makes and changes as it came, and then what reads,
 * in an order that no race decides.
 */
export function unitsOf(recorded: Recorded[]): Unit[] {
  const units = new Map<string, Unit>()
  for (const unit of inSessions(recorded)) {
    const shape = unit.map(shapeOf).join('\n')
    if (!units.has(shape)) units.set(shape, unit)
  }
  const all = [...units.values()]
  const making = all.filter(isMaking)
  return [...making, ...all.filter((unit) => !isMaking(unit)).sort(byText)]
}

function inSessions(recorded: Recorded[]): Unit[] {
  const units: Unit[] = []
  const open = new Map<number, Unit>()
  for (const { session, text } of recorded) {
    const unit = open.get(session) ?? []
    if (!open.has(session)) units.push(unit)
    const line = steady(text)
    // Asked again and again, it is one.
    if (!unit.includes(line)) unit.push(line)
    if (/^BEGIN/.test(text)) open.set(session, unit)
    if (/^(COMMIT|ROLLBACK)/.test(text)) open.delete(session)
  }
  // One that the end of its session cuts off is none to replay.
  return units.filter((unit) => !/^BEGIN/.test(unit[0] ?? '') || /^(C|R)O/.test(unit.at(-1) ?? ''))
}

function byText(a: Unit, b: Unit): number {
  return a.join() < b.join() ? -1 : 1
}

function isMaking(unit: Unit): boolean {
  return unit.some((text) => /^(CREATE|ALTER|COMMENT|DROP|GRANT|VALIDATE|SET|RESET)/.test(text))
}

/** What is new of them; transactions that make something first, since others read it. */
export function takeRecorded(sheet: Sheet, units: Unit[]): void {
  const isFirst = (unit: Unit) => unit.length > 1 && isMaking(unit)
  for (const unit of units.filter(isFirst)) sheet.takeUnit(unit)
  const singles = units.filter((unit) => unit.length === 1 && isMaking(unit)).flat()
  // What takes down comes last of all, from what is made for it.
  sheet.take(singles.filter((text) => !text.startsWith('DROP')))
  for (const unit of units.filter((one) => !isMaking(one))) sheet.takeUnit(unit, singles)
}
