import { Failure } from './failure.ts'
import type { Refusal } from './parse.ts'
import { show } from './show.ts'

/** More than these help nobody, and a file that is no spec at all has thousands. */
const MOST_SHOWN = 100

/**
 * Everything found wrong with a file so far. Reading never stops at the first fault: `settle` throws
 * them all together, each with its place.
 */
export class Faults {
  readonly #file: string
  readonly #text: string
  readonly #lineStarts: number[] = [0]
  readonly #secrets = new Set<string>()
  readonly #found = new Map<string, { at: number; text: string }>()
  #hint = 'Correct the file; docs/spec.md lists what each key takes.'

  constructor(file: string, text: string) {
    // Whoever chose the path could otherwise write lines of the log.
    this.#file = file.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?')
    this.#text = text
    for (const { index } of text.matchAll(/\n/g)) this.#lineStarts.push(index + 1)
  }

  get any(): boolean {
    return this.#found.size > 0
  }

  /** Keeps a value out of every message from now on. */
  hide(secret: string): void {
    if (secret.trim() !== '') this.#secrets.add(secret.trim())
  }

  /** Has the failure say, too, where the values of environment variables come from. */
  missVariable(): void {
    this.#hint =
      'Correct the file; docs/spec.md lists what each key takes. A variable reaches the action through env of its step, and secrets are not handed to workflows of pull requests from forks.'
  }

  /** `text` is a sentence without a full stop. What an alias repeats is said once. */
  add(at: number, text: string): void {
    this.#found.set(`${String(at)} ${text}`, { at, text })
  }

  /** A fault of a value, which is quoted only where `quote` is given. */
  refuse(at: number, what: string, refusal: Refusal & { quote?: string }): void {
    const { fault, allowed, quote } = refusal
    const quoted = quote === undefined ? '' : ` ${this.show(quote)}`
    this.add(at, `${what}${quoted} ${fault}${allowed === undefined ? '' : `; allowed: ${allowed}`}`)
  }

  show(text: string): string {
    return show(text, [...this.#secrets])
  }

  /** A name as a part of a path: bare, if that can mislead nobody. */
  part(name: string): string {
    const shown = this.show(name)
    return /^"[\w-]{1,60}"$/.test(shown) ? name : shown
  }

  line(at: number): number {
    let [low, high] = [0, this.#lineStarts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= at) low = middle
      else high = middle
    }
    return low + 1
  }

  /** Where the tag of the value at a place begins. */
  tagBefore(at: number): number {
    const begin = Math.max(at - 300, 0)
    const tag = /![^\s,[\]{}]*(?:\s+&\S+)?\s*$/.exec(this.#text.slice(begin, at))
    return tag ? begin + tag.index : at
  }

  /** Throws one Failure for everything found, in the order of the file; returns if nothing was. */
  settle(): void {
    if (!this.any) return
    const all = [...this.#found.values()].sort((a, b) => a.at - b.at)
    const lines = all.slice(0, MOST_SHOWN).map(({ at, text }) => {
      return `${this.#place(at)}: ${text}${text.endsWith('?') ? '' : '.'}`
    })
    if (all.length > MOST_SHOWN) {
      lines.push(`And ${String(all.length - MOST_SHOWN)} more.`)
    }
    throw new Failure({
      reason: 'input-invalid',
      message:
        all.length === 1
          ? lines.join('')
          : [`${String(all.length)} things are wrong with the spec:`, ...lines].join('\n'),
      hint: this.#hint,
      inputs: ['spec'],
    })
  }

  #place(at: number): string {
    const line = this.line(at)
    const column = at - (this.#lineStarts[line - 1] ?? 0) + 1
    return `${this.#file}:${String(line)}:${String(column)}`
  }
}
