import { expect, test } from '@jest/globals'
import { queryFailure } from '../../src/adapters/materialize-faults.ts'
import { withoutRecord } from '../../src/core/record-words.ts'

/** What Materialize quotes of records and values goes nowhere, whatever says it. */

const SECRET = 'a customer'

test.each([
  [
    'a record that is no JSON',
    `Decode error: Failed to decode JSON: expected value (original text: ${SECRET}, original bytes: "61")`,
    'Decode error (the record is not shown)',
  ],
  [
    'a header that is another one',
    `Decode error: source file contains incorrect columns 'Row{[String(<"${SECRET}">)]}'`,
    'Decode error (the record is not shown)',
  ],
  [
    'within the words of a status',
    `kafka: sink errored: Decode error: invalid type: string "${SECRET}"`,
    'kafka: sink errored: Decode error (the record is not shown)',
  ],
  ['an envelope', `Envelope error: Flat: ${SECRET}`, 'Envelope error (the record is not shown)'],
  [
    'a null key, of which nothing is quoted',
    'Envelope error: Upsert: Null key: record with NULL key in UPSERT source',
    'Envelope error: Upsert: Null key: record with NULL key in UPSERT source',
  ],
  [
    'a value that a query cannot take',
    `Evaluation error: invalid input syntax for type integer: "${SECRET} "x"" (XX000)`,
    'Evaluation error: invalid input syntax for type integer: "…" (XX000)',
  ],
  [
    'nothing quoted',
    'Evaluation error: division by zero (XX000)',
    'Evaluation error: division by zero (XX000)',
  ],
])('%s', (_, words, shown) => {
  expect(withoutRecord(words)).toBe(shown)
})

test.each([
  ['Decode error', `Decode error: Failed to decode JSON (original text: ${SECRET})`],
  ['Evaluation error', `Evaluation error: invalid input syntax for type date: "${SECRET}"`],
])('a refusal with a %s does not quote it either', (_, message) => {
  const failure = queryFailure({ code: 'XX000', message })
  expect(`${failure.message} ${failure.hint}`).not.toContain(SECRET)
})
