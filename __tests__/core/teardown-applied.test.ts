import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Spec } from '../../src/core/model.ts'
import { teardown } from '../../src/core/teardown.ts'
import type { CatalogModel } from './catalog-model.ts'
import { situation } from './plan-arbitrary.ts'
import { REPOSITORY } from './plan-fixture.ts'
import { type Atom, atomsOf, isGap, modelAfter, planFor, send } from './plan-sending.ts'
import { standing } from './plan-standing.ts'

/** What holds of every teardown, also after a run that was killed, on a model of the catalog. */

/** Its statements, or nothing where others stand in the way. */
function dropsFor(spec: Spec, model: CatalogModel, dropDependents: boolean): Atom[] | undefined {
  const planned = teardown(spec, model.observed(spec), { repository: REPOSITORY, dropDependents })
  if (planned.refusals.length > 0) return undefined
  const statements = [...planned.before, ...planned.drops.map((drop) => drop.statement)]
  return statements.map(({ text }) => ({ texts: [text] }))
}

const killed = fc.record({
  situation,
  /** How much of the run was done. */
  share: fc.double({ min: 0, max: 1, noNaN: true }),
})

test('takes all that is ours of the spec, also what a killed run has not marked, and nothing else', () => {
  fc.assert(
    fc.property(killed, ({ situation: { history, way, ...asked }, share }) => {
      const model = modelAfter(history)
      const planned = planFor(model, asked)
      if (planned.refusals.length === 0) {
        const atoms = atomsOf(planned, way)
        const sent = atoms.slice(0, Math.round(atoms.length * share))
        if (isGap(planned, sent)) return
        send(sent, model)
      }
      const before = model.clone()
      const drops = dropsFor(asked.spec, model, false)
      if (!drops) return
      send(drops, model)
      const left = new Map([...model.objects().values()].map((object) => [object.id, object]))
      for (const { object, isAsked, isOurs } of standing(before, asked.spec)) {
        expect(left.get(object.id)).toEqual(isAsked && isOurs ? undefined : object)
      }
      expect(dropsFor(asked.spec, model, false)).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('killed after any drop, it goes on to the same end', () => {
  fc.assert(
    fc.property(
      killed,
      fc.boolean(),
      ({ situation: { history, way, ...asked }, share }, others) => {
        const model = modelAfter(history)
        const planned = planFor(model, asked)
        if (planned.refusals.length === 0) {
          const atoms = atomsOf(planned, way)
          send(atoms.slice(0, Math.round(atoms.length * share)), model)
        }
        const drops = dropsFor(asked.spec, model, others)
        if (!drops) return
        const whole = model.clone()
        send(drops, whole)
        for (let cut = 1; cut < drops.length; cut++) {
          const part = model.clone()
          send(drops.slice(0, cut), part)
          send(dropsFor(asked.spec, part, others) ?? [], part)
          expect(part.state()).toEqual(whole.state())
        }
      },
    ),
    { numRuns: 300 },
  )
})
