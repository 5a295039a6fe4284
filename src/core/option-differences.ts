import type { Options, Value } from './definition-model.ts'
import { type Difference, differs } from './difference.ts'
import { digest } from './marker.ts'
import { valueText } from './shared-differences.ts'

/** One option of a definition, held against what the spec says. */
export interface OptionAsked {
  /** The spec’s key. */
  attribute: string
  option: string
  asked: string | undefined
  /** What holds where it is not given; then both may leave it out. */
  byDefault?: string
  /** The value there, in the form of `asked`. */
  read?: (value: Value) => string
  means?: Difference['means']
}

/** Option by option; those of a definition that was not read say nothing. */
export function optionDifferences(
  options: Options | undefined,
  rows: readonly OptionAsked[],
): Difference[] {
  if (!options) return []
  return rows.flatMap(({ attribute, option, asked, byDefault, read, means }) => {
    const value = options[option]
    const there = value && (read ?? valueText)(value)
    return differs(
      attribute,
      { there: there ?? byDefault, asked: asked ?? byDefault },
      means ?? 'replace',
    )
  })
}

/** A long text by its beginning and a digest: a schema would fill the whole report. */
export function brief(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 60)}… (${digest(text)})`
}

const UNITS: [RegExp, number][] = [
  [/^(?:d|days?)$/, 86_400_000],
  [/^(?:h|hrs?|hours?)$/, 3_600_000],
  [/^(?:m|mins?|minutes?)$/, 60_000],
  [/^(?:s|secs?|seconds?)$/, 1_000],
  [/^(?:ms|milliseconds?|msecs?)$/, 1],
]

/** An interval’s milliseconds as text, whatever way it is written; as it is, if that is another. */
export function intervalText(value: Value): string {
  const text = valueText(value)
    .replace(/^for\s+/i, '')
    .replace(/^'(.*)'$/, '$1')
    .trim()
  const clock = /^(\d+):(\d\d):(\d\d)(?:\.(\d{1,3}))?$/.exec(text)
  if (clock) {
    const [hours, minutes, seconds] = clock.slice(1, 4).map(Number)
    const ms = Number((clock[4] ?? '').padEnd(3, '0'))
    return String((((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000 + ms)
  }
  const parts = [...text.toLowerCase().matchAll(/(\d+)\s*([a-z]+)\s*/g)]
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text.toLowerCase()) return text
  let sum = 0
  for (const [, count, unit = ''] of parts) {
    const size = UNITS.find(([names]) => names.test(unit))?.[1]
    if (size === undefined) return text
    sum += Number(count) * size
  }
  return String(sum)
}

/** For a difference’s text: `90s`, not how many milliseconds that is. */
export function asSpan(differences: Difference[]): Difference[] {
  const span = (text: string): string => {
    const ms = Number(text)
    if (!/^\d+$/.test(text)) return text
    return ms % 1_000 === 0 ? `${String(ms / 1_000)}s` : `${text}ms`
  }
  return differences.map((one) => ({ ...one, there: span(one.there), asked: span(one.asked) }))
}
