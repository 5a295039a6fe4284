import { CANARY_WAYS } from './model-canary.ts'
import type { InputRow } from './input-row.ts'

export const CANARY_ROWS = [
  {
    name: 'produce',
    group: 'canary',
    type: 'JSON lines or path',
    otherwise: 'nothing is written',
    description:
      'Records to write once everything is made and before rows are looked at, with mode provision: one JSON object a line with value, key, headers, topic and partition, or the path of a file of such lines from the root of the checkout, 8 MiB at most.',
  },
  {
    name: 'produce-topic',
    group: 'canary',
    type: 'topic',
    otherwise: 'the first source’s topic',
    description: 'Topic of the records that name none.',
  },
  {
    name: 'canary',
    group: 'canary',
    type: 'word',
    choices: CANARY_WAYS,
    default: 'none',
    description:
      'With mode provision, verify or rotate: sends records through and waits for them on the other end. isolated: through a topic, source and sink of its own on each connection, which are removed again. inline: through each source’s own topic, which is written to, and on to the sinks that read it.',
  },
  {
    name: 'canary-count',
    group: 'canary',
    type: 'whole number',
    default: '1',
    description: 'How many records a canary sends, one after another, 1 to 100.',
  },
  {
    name: 'max-latency',
    group: 'canary',
    type: 'duration',
    otherwise: 'any time within timeout',
    description:
      'How long a canary’s record may take from its sending to the last place where it is looked for before the run fails, 1ms to 1h.',
  },
] as const satisfies readonly InputRow[]
