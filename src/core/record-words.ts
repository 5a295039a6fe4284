/**
 * Materialize’s words without what they quote of records and of values in rows, which is not ours to
 * print: of a record that cannot be decoded any word may be its own.
 */
export function withoutRecord(message: string): string {
  return message
    .replace(
      /\b(Decode error|Envelope error(?!: Upsert: Null key)): [^]*$/,
      '$1 (the record is not shown)',
    )
    .replace(/\(original (text|bytes):[^]*$/, '(the record is not shown)')
    .replace(/(\bEvaluation error: [^"']*)(["'])[^]*\2/, '$1$2…$2')
}
