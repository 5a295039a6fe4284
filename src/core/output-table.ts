/**
 * The outputs, each name written once. action.yml and README are generated from this table, and the
 * code that sets outputs takes its names from here. Every output is always set, if only to ''.
 */
export interface OutputRow {
  name: string
  description: string
}

export const OUTPUTS = [
  {
    name: 'status',
    description:
      'healthy (exit 0), degraded (the deadline passed or something is not proven or drifted; exit 1), failed (exit 1), or skipped (secrets are missing on the pull request of a fork; exit 0). With mode verify, degraded and failed end with exit 0 where fail-on lets them pass, as it does with drift by default.',
  },
  {
    name: 'changed',
    description: 'true if this run made something, else false. Renewing a secret does not count.',
  },
  {
    name: 'has-changes',
    description:
      'true if anything was not as the inputs or the spec say, else false; with mode plan, whether provision would do something.',
  },
  {
    name: 'changes',
    description:
      'JSON array of what was done: object, kind and action each; with mode plan, of what would be done, with the differences.',
  },
  {
    name: 'plan-sql',
    description:
      'With mode plan: path of a file with the statements that would be sent, secrets not shown; else empty.',
  },
  {
    name: 'rows',
    description:
      'JSON array of the rows seen, one object each, by column name. bytea is text where it is valid UTF-8, else {"base64": "…"}, which says so. Integers are exact, numeric is text.',
  },
  { name: 'row-count', description: 'How many rows were seen.' },
  {
    name: 'rows-truncated',
    description: 'true if rows holds fewer or shorter rows than were there, else false.',
  },
  {
    name: 'source-status',
    description: 'The source’s last status in Materialize; empty without a source.',
  },
  {
    name: 'sink-status',
    description: 'The sink’s last status in Materialize; empty without a sink.',
  },
  {
    name: 'sink-rows',
    description:
      'JSON array of the newest messages on the sink’s topic, decoded. Empty if the credential may not read there; the log says so.',
  },
  {
    name: 'verdicts',
    description:
      'With mode verify: JSON array of how each source and sink does, worst first: object, kind, verdict, status, reason, because, hint, lag-messages and lag-seconds. Else [].',
  },
  {
    name: 'rotation',
    description:
      'With mode rotate: proven (all that runs went on after its replicas started anew), “validated, not proven” (Materialize can use the new credential; what runs may keep the old one), or “not validated”; empty if nothing was changed.',
  },
  {
    name: 'restart-ms',
    description:
      'With restart-replicas: milliseconds from the first replica’s end until everything went on, over all clusters; else empty.',
  },
  {
    name: 'grants',
    description:
      'JSON array of the rights in Kafka that Materialize’s user needs, where grants asks for them: connection, resource, name, pattern, operation, state (has, missing, not known), needed-by, and because and optional where they apply. Else [].',
  },
  {
    name: 'environment',
    description:
      'With environment: JSON object of its names: name, tag (what the names end with), schema, and clusters and topics by the names in the spec. Else empty.',
  },
  { name: 'report', description: 'Path of a JSON file that holds the whole run.' },
  {
    name: 'failure-reason',
    description:
      'One fixed word for what went wrong (README lists them all); empty if nothing did.',
  },
  { name: 'failure-hint', description: 'What to do about it; empty if nothing went wrong.' },
  {
    name: 'expectations',
    description:
      'JSON array of what the spec expects: name, held, because, asked (how many times) and ms each, and the first rows that differ as seen and missing.',
  },
  {
    name: 'produced',
    description:
      'JSON array of what produce wrote, by topic and partition: topic, partition, records, and the first and last offset as text.',
  },
  {
    name: 'canaries',
    description:
      'JSON array of the canaries: way, id, connection, relation, sink, held, because, reason, the times of each record in milliseconds from its sending on (acknowledged, ingested, sunk, total), their spread (min, median, p90, max), and what was written where.',
  },
  {
    name: 'junit-path',
    description:
      'Path of a JUnit XML file with a test case for each object and each expectation, for tools that show test results. No rows are in it.',
  },
] as const satisfies readonly OutputRow[]

export type OutputName = (typeof OUTPUTS)[number]['name']
