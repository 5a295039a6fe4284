/** Where the stand-in is known to answer otherwise than Materialize did, and why. */
export interface Gap {
  file: string
  /** The statement as recorded, or what its first words are. */
  sql: string
  reason: string
}

const GAPS: Gap[] = [
  {
    file: 'seed',
    sql: 'SELECT * FROM mz_internal.mz_object_dependencies',
    reason: 'a view’s dependence on system functions is not kept',
  },
  {
    file: 'seed',
    sql: 'SELECT * FROM mz_internal.mz_comments',
    reason: 'comments that Materialize ships with its own relations are not copied',
  },
  { file: 'catalog', sql: 'SHOW ALL', reason: 'refused (XXSTD): no client reads the descriptions' },
  { file: 'session', sql: 'EXPLAIN SELECT', reason: 'refused (XXSTD): there is no optimizer' },
  {
    file: 'privileges',
    sql: 'SELECT has_table_privilege',
    reason: 'the recording hung on a server that was still warming up; the stand-in answers',
  },
  {
    file: 'failures',
    sql: 'SELECT * FROM mz_internal.mz_wallclock_global_lag',
    reason: 'refused (XXSTD): lags are not measured',
  },
  {
    file: 'connect',
    sql: '(unknown cluster in options) SELECT count(*) FROM mz_sources',
    reason: 'counts what earlier recordings had left behind',
  },
  {
    file: 'sink-topics',
    sql: 'k_opts',
    reason:
      'Materialize read from a time before the rows, so SNAPSHOT = false still wrote them; here they are the snapshot',
  },
  {
    file: 'sink-topics',
    sql: 'types-ups',
    reason:
      'Materialize read from a time before the UPDATE and the DELETE; here the sink begins with what there is',
  },
]

export const KNOWN_GAPS: readonly Gap[] = GAPS

export function gapFor(file: string, sql: string): Gap | undefined {
  const of = KNOWN_GAPS.filter((gap) => gap.file === file)
  return of.find((gap) => gap.sql === sql) ?? of.find((gap) => sql.startsWith(gap.sql))
}
