const NULL_KEY =
  'Envelope error: Upsert: Null key: record with NULL key in UPSERT source; to retract this error, ' +
  'produce a record upstream with a NULL key and NULL value'

/** Errors of an upsert source, which a later record of the same key takes back. */
export class UpsertState {
  private readonly byKey = new Map<string, string>()
  private hasNullKey = false

  nullKey(present: boolean): void {
    this.hasNullKey = present
  }

  good(key: Buffer): void {
    this.byKey.delete(key.toString('hex'))
  }

  bad(key: Buffer, error: string): void {
    this.byKey.set(key.toString('hex'), error)
  }

  errors(): string[] {
    return [...(this.hasNullKey ? [NULL_KEY] : []), ...this.byKey.values()]
  }
}

/** Of several errors Materialize names the one whose encoding sorts first: the shortest. */
export function compareErrors(a: string, b: string): number {
  return encodedSize(a) - encodedSize(b) || (a < b ? -1 : 1)
}

/** What is kept of an undecodable record is the error's words and the bytes, not their text. */
function encodedSize(error: string): number {
  const [, words, hex] = /^(.*?) \(original .*original bytes: "([0-9a-f]*)"\)$/s.exec(error) ??
    /^(.*?) \(original bytes: "([0-9a-f]*)"\)$/s.exec(error) ?? [undefined, error, '']
  return (words ?? '').length + (hex ?? '').length / 2
}
