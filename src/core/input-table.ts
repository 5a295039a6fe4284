import type { InputRow } from './input-row.ts'
import { MATERIALIZE_ROWS } from './input-rows-materialize.ts'
import { KAFKA_ROWS } from './input-rows-kafka.ts'
import { CHANGE_ROWS } from './input-rows-changes.ts'
import { PIPELINE_ROWS } from './input-rows-pipeline.ts'
import { CANARY_ROWS } from './input-rows-canary.ts'
import { VERIFY_ROWS } from './input-rows-verify.ts'
import { GRANTS_ROWS } from './input-rows-grants.ts'
import { TELLING_ROWS } from './input-rows-telling.ts'
import { RUN_ROWS } from './input-rows-run.ts'

/**
 * The inputs, each name written once. action.yml and README are generated from this table
 * (scripts/readme.mjs), and src/inputs.ts takes names and defaults from it.
 */
export const INPUTS = [
  ...RUN_ROWS,
  ...MATERIALIZE_ROWS,
  ...KAFKA_ROWS,
  ...CHANGE_ROWS,
  ...PIPELINE_ROWS,
  ...CANARY_ROWS,
  ...VERIFY_ROWS,
  ...GRANTS_ROWS,
  ...TELLING_ROWS,
] as const

export type InputName = (typeof INPUTS)[number]['name']

const byName = new Map<string, InputRow>(INPUTS.map((row) => [row.name, row]))

/** The row of an input. */
export function inputRow(name: InputName): InputRow {
  const row = byName.get(name)
  if (!row) throw new Error(`no input ${name} in the table`)
  return row
}
