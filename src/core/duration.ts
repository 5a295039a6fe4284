import { accept, refuse, type Parsed } from './parse.ts'

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

const GRAMMAR = /^(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/

export interface DurationRange {
  /** Milliseconds. */
  from: number
  to: number
}

/** A parser for hours, minutes, seconds and milliseconds in that order, to milliseconds. */
export function duration(range: DurationRange): (text: string) => Parsed<number> {
  const allowed = `from ${printDuration(range.from)} to ${printDuration(range.to)}, written like 90s, 5m or 1h30m`
  return (text) => {
    if (/^\d+$/.test(text)) return refuse('has no unit', { allowed })
    const match = text === '' ? null : GRAMMAR.exec(text)
    if (!match) return refuse('is not a duration', { allowed })
    const ms = UNITS.reduce((sum, [, size], i) => sum + Number(match[i + 1] ?? 0) * size, 0)
    return ms >= range.from && ms <= range.to
      ? accept(ms)
      : refuse('is too short or too long', { allowed })
  }
}

/** Milliseconds, whole and not negative, in the form that `duration` reads. */
export function printDuration(ms: number): string {
  let rest = ms
  let text = ''
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) text += `${count}${unit}`
  }
  return text === '' ? '0s' : text
}

const DAYS = /^(\d{1,4})d(?=$|\d)/
const DAY_MS = 24 * 3_600_000

/** The same with days before the hours, for what lasts long: `3d`, `1d12h`. */
export function expiry(range: DurationRange): (text: string) => Parsed<number> {
  const allowed = 'from 1m to 365d, written like 12h, 3d or 1d12h'
  return (text) => {
    if (/^\d+$/.test(text)) return refuse('has no unit', { allowed })
    const [days = '', count = '0'] = DAYS.exec(text) ?? []
    const rest = text.slice(days.length)
    const match = text === '' ? null : GRAMMAR.exec(rest)
    if (!match) return refuse('is not a duration', { allowed })
    const ms = UNITS.reduce((sum, [, size], i) => sum + Number(match[i + 1] ?? 0) * size, 0)
    const whole = ms + Number(count) * DAY_MS
    return whole >= range.from && whole <= range.to
      ? accept(whole)
      : refuse('is too short or too long', { allowed })
  }
}
