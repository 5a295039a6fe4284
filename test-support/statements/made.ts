import { type Plan, statementsOf } from '../../src/core/plan.ts'
import { cursor, drop, firstRows, lookIn, setPlace, type Statement } from '../../src/core/sql.ts'
import { wantedOf } from '../../src/core/wanted.ts'
import { EXAMPLES } from '../spec-options/examples.ts'
import { optionKeys } from '../spec-options/keys.ts'
import { empty, planned, shownAs } from '../spec-options/shown.ts'
import { around, DATABASE, SCHEMA, specWith } from '../spec-options/whole.ts'
import type { Sheet } from './shape.ts'

const PLACE = { database: DATABASE, schema: SCHEMA }

/** What the action’s makers of SQL make of every option, and of what reads rows. */

/** Objects that others go by, then each option’s, then its change where that is another statement. */
export function take(sheet: Sheet): void {
  sheet.take(lookIn({ ...PLACE, name: '' }).map(({ text }) => text))
  const base = textsOf(planned(around(), empty()))
  sheet.takeAll(base.filter((text) => text.startsWith('CREATE')))
  sheet.take(base)
  for (const { key } of optionKeys()) {
    const { base: anyhow = {}, set } = EXAMPLES[key] ?? { set: {} }
    const name = key.replace(/[^a-z0-9]+/g, '_')
    const own = (plan: Plan) => textsOf(plan).filter((text) => !text.includes('"making"'))
    sheet.take(own(planned(specWith(key, [anyhow, set], name), empty())))
    const other = `${name}_changed`
    const [before, after] = [specWith(key, [anyhow], other), specWith(key, [anyhow, set], other)]
    const there = own(planned(before, empty()))
    const change = own(planned(after, shownAs(before)))
    const back = own(planned(before, shownAs(after)))
    sheet.take([...there, ...change, ...back])
  }
}

function textsOf(plan: Plan): string[] {
  const all = [
    ...plan.before,
    ...plan.drops.map((one) => one.statement),
    ...plan.steps.flatMap(statementsOf),
    ...plan.after,
  ]
  return all.map(({ text }) => text)
}

/** What reads rows, whether a run comes to need it or not. */
export function takeReads(sheet: Sheet): void {
  const relation = { ...PLACE, name: 'lines' }
  const units: Statement[][] = [
    ...setPlace({ within: PLACE }).map((one) => [one]),
    ...setPlace({ within: PLACE, cluster: 'quickstart' }).map((one) => [one]),
    [firstRows(relation, 10)],
    [cursor.begin, cursor.ofRows(relation, 10), cursor.one(1), cursor.ready, cursor.rollback],
    [cursor.begin, cursor.ofCounts(relation), cursor.one(1), cursor.ready, cursor.rollback],
    [cursor.beginReadOnly, cursor.of('SELECT text FROM lines'), cursor.next(2), cursor.rollback],
  ]
  for (const unit of units) sheet.takeUnit(unit.map(({ text }) => text))
}

/** What an environment has besides: a schema of its own, with its mark. */
function takeSchema(sheet: Sheet): void {
  const name = `${SCHEMA}_pr_12`
  const grants = [{ to: 'analysts', privileges: ['usage' as const] }]
  const nothing = { clusters: [], connections: [], topics: [], sources: [], tables: [] }
  const spec = { ...nothing, schemas: [{ database: DATABASE, name, grants }], views: [], sinks: [] }
  sheet.takeAll([
    ...textsOf(planned(spec, empty())),
    ...wantedOf(spec).map((one) => drop(one).text),
  ])
}

/** A little of everything, and its end in the order that dependents ask for. */
export function takeDown(sheet: Sheet): void {
  const spec = around('last')
  const create = textsOf(planned(spec, empty())).filter((text) => text.startsWith('CREATE'))
  sheet.takeAll(create)
  const drops = wantedOf(spec)
    .reverse()
    .map((one) => drop(one).text)
  sheet.takeAll(drops)
  takeSchema(sheet)
}
