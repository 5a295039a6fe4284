import { Failure } from './failure.ts'
import { inputRow, type InputName } from './input-table.ts'
import type { Parsed, Refusal } from './parse.ts'
import { show } from './show.ts'

/** The environment variables that stand in for inputs left empty, as the Terraform provider does. */
export const VARIABLES = ['MZ_HOST', 'MZ_PORT', 'MZ_USER', 'MZ_PASSWORD', 'MZ_DATABASE'] as const
export type Variable = (typeof VARIABLES)[number]

export interface Texts {
  /** Trimmed texts of the inputs that are not blank. */
  inputs: ReadonlyMap<InputName, string>
  variables: ReadonlyMap<Variable, string>
  /** What must not be shown, also where it turns up in an input that is no secret. */
  secrets: readonly string[]
}

/**
 * The inputs as given, and everything found wrong with them so far. Reading never stops at the
 * first fault: what was refused reads as undefined, and `settle` throws them all together.
 */
export class Given {
  /** For the log. */
  readonly notes: string[] = []
  readonly warnings: string[] = []
  readonly #texts: Texts
  readonly #faults: { inputs: readonly InputName[]; text: string }[] = []

  readonly #refused = new Set<InputName>()

  constructor(texts: Texts) {
    this.#texts = texts
  }

  /** Whether the user gave it; a default does not count, and what was refused does. */
  has(name: InputName): boolean {
    return this.#texts.inputs.has(name)
  }

  /** Whether the user gave something else than what the runner fills in. */
  isChosen(name: InputName): boolean {
    const text = this.#texts.inputs.get(name)
    return text !== undefined && text !== inputRow(name).default
  }

  /** Whether it was given and refused. */
  isRefused(name: InputName): boolean {
    return this.#refused.has(name)
  }

  hasVariable(variable: Variable): boolean {
    return this.#texts.variables.has(variable)
  }

  /** The input’s value, else its default’s; undefined without either, or when refused. */
  take<T>(name: InputName, parse: (text: string) => Parsed<T>): T | undefined {
    const text = this.#texts.inputs.get(name) ?? inputRow(name).default
    if (text === undefined) return undefined
    const parsed = parse(text)
    if ('value' in parsed) return parsed.value
    this.#refused.add(name)
    const shown = this.#quoted(name, parsed.refusal.piece ?? text)
    this.refuse([name], `${name}${shown} ${sentence(parsed.refusal)}`)
    return undefined
  }

  /** The value of an environment variable that stands in for an input; undefined as with `take`. */
  takeVariable<T>(
    variable: Variable,
    stand: { for: InputName; parse: (text: string) => Parsed<T> },
  ): T | undefined {
    const text = this.#texts.variables.get(variable)
    if (text === undefined) return undefined
    const parsed = stand.parse(text)
    if ('value' in parsed) return parsed.value
    const shown = this.#quoted(stand.for, parsed.refusal.piece ?? text)
    this.refuse(
      [stand.for],
      `the environment variable ${variable}${shown} (for ${stand.for}) ${sentence(parsed.refusal)}`,
    )
    return undefined
  }

  /** Records a fault that concerns the inputs; `text` names them. */
  refuse(inputs: readonly InputName[], text: string): void {
    this.#faults.push({ inputs, text })
  }

  /** A public value for a message: short, quoted, on one line, and not if a secret may be in it. */
  show(text: string): string {
    return show(text, this.#texts.secrets)
  }

  /** A refused text after its name; nothing for secrets, and for PEM text, which may hold a key. */
  #quoted(name: InputName, text: string): string {
    const row = inputRow(name)
    return row.secret || row.type === 'PEM text' ? '' : ` ${this.show(text)}`
  }

  /** Throws one Failure for everything that was refused; returns if nothing was. */
  settle(): void {
    const [first] = this.#faults
    if (!first) return
    const all = this.#faults.map((fault, i) => `(${i + 1}) ${fault.text}`)
    throw new Failure({
      reason: 'input-invalid',
      message:
        all.length === 1
          ? `An input is wrong: ${first.text}.`
          : `${all.length} things are wrong with the inputs: ${all.join('; ')}.`,
      inputs: [...new Set(this.#faults.flatMap((fault) => fault.inputs))],
    })
  }
}

function sentence(refusal: Refusal): string {
  return refusal.fault + (refusal.allowed === undefined ? '' : `; allowed: ${refusal.allowed}`)
}
