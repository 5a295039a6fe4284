import type { InputRow } from './input-row.ts'
import { FAIL_ON } from './verdicts.ts'

export const VERIFY_ROWS = [
  {
    name: 'sources',
    group: 'verify',
    type: 'list of names',
    otherwise: 'those of the spec or of the inputs for one pipeline',
    description: 'Sources to check by name alone, whoever made them.',
  },
  {
    name: 'sinks',
    group: 'verify',
    type: 'list of names',
    otherwise: 'those of the spec or of the inputs for one pipeline',
    description: 'Sinks to check by name alone.',
  },
  {
    name: 'all-in-schema',
    group: 'verify',
    type: 'true or false',
    default: 'false',
    description: 'Whether to check every Kafka source and sink of the schema.',
  },
  {
    name: 'max-lag-messages',
    group: 'verify',
    type: 'whole number',
    otherwise: 'any distance, as long as it goes on',
    description:
      'How many offsets a source may be behind Kafka before it is lagging, 0 to 1000000000.',
  },
  {
    name: 'max-lag-seconds',
    group: 'verify',
    type: 'whole number',
    otherwise: 'any time, as long as it goes on',
    description:
      'How many seconds a source or sink may be behind the server’s clock before it is lagging, 1 to 604800. A healthy one is 1 to 3 behind.',
  },
  {
    name: 'max-silence',
    group: 'verify',
    type: 'duration',
    otherwise: 'no record need come',
    description:
      'How old the newest record of a source’s topic may be before idle is no longer well, 1s to 8760h. The runner must see Kafka.',
  },
  {
    name: 'fail-on',
    group: 'verify',
    type: 'word',
    choices: FAIL_ON,
    default: 'degraded',
    description:
      'From what on the run fails. failed: a source or sink is broken, stuck, paused or missing. degraded: or lagging, too long silent or unknown. drift: or not as the spec says. never: not at all.',
  },
] as const satisfies readonly InputRow[]
