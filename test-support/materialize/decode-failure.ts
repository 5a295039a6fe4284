import type { Cell } from './text-forms.ts'

/** What Materialize says of bytes that it cannot read. */
export class DecodeFailure extends Error {
  /** The record's key, where only its value could not be read. */
  readonly key: Cell[] | null

  constructor(message: string, key: Cell[] | null = null) {
    super(message)
    this.key = key
  }
}
