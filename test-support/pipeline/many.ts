import type { Bench } from './set-ups.ts'

/**
 * As many sources as asked for, of two topics and two connections, of which the last one’s password is
 * wrong. @returns the inputs that check them all.
 */
export async function makeMany(bench: Bench, count: number): Promise<Record<string, string>> {
  await bench.sql('CREATE SCHEMA many')
  await bench.source('many_well')
  await bench.connection('many_ill_c')
  const names = Array.from({ length: count }, (_, n) => `many.s${String(n).padStart(3, '0')}`)
  const last = names.pop() ?? ''
  const make = (name: string, connection: string) =>
    `CREATE SOURCE ${name} FROM KAFKA CONNECTION ${connection} (TOPIC 'many_well') FORMAT TEXT`
  await bench.sql(...names.map((name) => make(name, 'many_well_c')), make(last, 'many_ill_c'))
  await bench.secret('many_ill_c_pw', 'wrong')
  await bench.alter('many_ill_c', 'SET (SASL PASSWORD SECRET many_ill_c_pw)')
  const inputs = bench.inputs({ schema: 'many', 'all-in-schema': 'true' }, { blind: true })
  return { ...inputs, timeout: '3m' }
}
