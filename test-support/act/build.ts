import { resolveAct } from './act.ts'

// Before the tests, so that not every worker builds it for itself, and no test waits for it.
console.log(await resolveAct())
