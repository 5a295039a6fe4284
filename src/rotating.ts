import type { ApplyEdges } from './apply.ts'
import type { Inputs, Spec } from './core/model.ts'
import type { Observed } from './core/observed.ts'
import type { Report } from './core/report.ts'
import { observe } from './observe.ts'
import { plannerOf } from './planning.ts'
import type { MaterializeSession } from './ports.ts'
import type { Edges, Planned, Sights } from './work.ts'

/** What every part of a rotation works on. */
export interface Rotating {
  inputs: Inputs
  edges: Edges
  report: Report
  session: MaterializeSession
  sights: Sights
  /** A further session, closed with the run. */
  open(purpose: string): Promise<MaterializeSession>
}

/** The catalog by the names of a spec. */
export function lookAt(spec: Spec, { inputs, session, sights }: Rotating): Promise<Observed> {
  return observe({ ...inputs, spec }, session, sights)
}

export function planOf(spec: Spec, observed: Observed, { inputs, edges }: Rotating): Planned {
  return plannerOf({ ...inputs, spec }, edges, { isPart: true })(observed)
}

/** For steps whose changes are to stand in that report. */
export function applying(of: Rotating, report: Report): ApplyEdges {
  return {
    ...of.edges,
    session: of.session,
    report,
    open: (purpose) => of.open(purpose),
    maxParallel: 1,
    makeTopics: async () => undefined,
  }
}
