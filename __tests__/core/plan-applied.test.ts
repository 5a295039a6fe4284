import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hasChanges } from '../../src/core/plan.ts'
import { situation } from './plan-arbitrary.ts'
import { atomsOf, isGap, modelAfter, planFor, send } from './plan-sending.ts'
import { standing } from './plan-standing.ts'

test('the server takes every statement, and then nothing is left to do', () => {
  fc.assert(
    fc.property(situation, ({ history, way, ...asked }) => {
      const model = modelAfter(history)
      const planned = planFor(model, asked)
      if (planned.refusals.length > 0) return
      send(atomsOf(planned, way), model)
      const again = planFor(model, asked)
      expect(again.refusals.map((one) => one.message)).toEqual([])
      expect(hasChanges(again)).toBe(false)
      for (const atom of atomsOf(again, way)) {
        expect('texts' in atom ? atom.texts.join() : atom).toMatch(/^(ALTER SECRET|VALIDATE) /)
      }
    }),
    { numRuns: 500 },
  )
})

test('nothing of others is touched unless adopted, and nothing is dropped unless that is allowed', () => {
  fc.assert(
    fc.property(situation, ({ history, way, ...asked }) => {
      const start = modelAfter(history)
      const planned = planFor(start, asked)
      if (planned.refusals.length > 0) return
      const end = start.clone()
      send(atomsOf(planned, way), end)
      const { adopt, prune, replace, specFile } = asked.allowed
      const left = new Map([...end.objects().values()].map((object) => [object.id, object]))
      for (const one of standing(start, asked.spec)) {
        const isOfSpec = one.isAsked && (one.isOurs || adopt)
        const isOrphan =
          !one.isAsked && one.isOurs && specFile !== undefined && one.specFile === specFile
        const after = left.get(one.object.id)
        if (!isOfSpec && !isOrphan) expect(after).toEqual(one.object)
        if (after !== undefined) continue
        const words = ['all', `${one.target.kind}s`, one.target.name.name]
        expect(isOrphan ? prune : words.some((word) => replace.includes(word))).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

test('killed after any statement, a run goes on to the same end', () => {
  fc.assert(
    fc.property(situation, ({ history, way, ...asked }) => {
      const start = modelAfter(history)
      const planned = planFor(start, asked)
      if (planned.refusals.length > 0) return
      const atoms = atomsOf(planned, way)
      const whole = start.clone()
      send(atoms, whole)
      const done = start.clone()
      for (const [index, atom] of atoms.entries()) {
        send([atom], done)
        if (isGap(planned, atoms.slice(0, index + 1))) continue
        const model = done.clone()
        const rest = planFor(model, asked)
        expect(rest.refusals.map((one) => one.message)).toEqual([])
        send(atomsOf(rest, way), model)
        expect(model.state()).toEqual(whole.state())
      }
    }),
    { numRuns: 300 },
  )
})
