import { type Deadline, QUIET_MS, waitText } from './core/deadline.ts'
import type { Log, MaterializeSession } from './ports.ts'

/** What single answers are waited for, however many at once: a line of the log every few seconds. */
export class Waits {
  readonly #open = new Map<symbol, { what: string; since: number }>()
  readonly #of: { log: Log; deadline: Deadline }
  #said = 0
  #timer: NodeJS.Timeout | undefined

  constructor(of: { log: Log; deadline: Deadline }) {
    this.#of = of
  }

  /** The same promise, spoken of until it is settled. */
  async during<T>(what: string, work: Promise<T>): Promise<T> {
    const key = Symbol(what)
    this.#open.set(key, { what, since: Date.now() })
    this.#timer ??= setInterval(() => this.#look(), 500).unref()
    try {
      return await work
    } finally {
      this.#open.delete(key)
      if (this.#open.size === 0) {
        clearInterval(this.#timer)
        this.#timer = undefined
      }
    }
  }

  #look(): void {
    const now = Date.now()
    const long = [...this.#open.values()].filter(({ since }) => now - since >= QUIET_MS)
    const [first] = long
    if (!first || now - this.#said < QUIET_MS) return
    this.#said = now
    const others = long.length > 1 ? ` and ${String(long.length - 1)} more` : ''
    const time = waitText(now - first.since, this.#of.deadline.remainingMs())
    this.#of.log.info(`Waiting for ${first.what}${others} (${time})`)
  }
}

const MOST_LETTERS = 100

/** A session whose answers are spoken of while they do not come. */
export function tellingSession(session: MaterializeSession, waits: Waits): MaterializeSession {
  return telling(
    session,
    {
      query: ({ shown }) => {
        const line = shown.replace(/\s+/g, ' ')
        const short = line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line
        return `Materialize to answer: ${short}`
      },
    },
    waits,
  )
}

type Words<T> = {
  [Name in keyof T]?: T[Name] extends (...args: infer Args) => Promise<unknown>
    ? (...args: Args) => string
    : never
}

/** The same object, some of whose methods say what is waited for while they last. */
export function telling<T extends object>(of: T, words: Words<T>, waits: Waits): T {
  return new Proxy(of, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const word = words[name as keyof T] as ((...args: unknown[]) => string) | undefined
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args)
        return word && result instanceof Promise ? waits.during(word(...args), result) : result
      }
    },
  })
}
