import { MODES } from './model.ts'
import type { InputRow } from './input-row.ts'

export const RUN_ROWS = [
  {
    name: 'mode',
    group: 'run',
    type: 'word',
    choices: MODES,
    default: 'provision',
    description:
      'provision: make things be as asked, show that data flows, report the rows seen. plan: only say what provision would do. verify: say whether data flows through what is there, and change nothing, but for what canary sends. rotate: give the secrets of connections the values given now, once it is shown that they work. teardown: drop what this action made. sweep: remove the environments of this repository whose expires-in has passed or whose pull request is closed.',
  },
  {
    name: 'timeout',
    group: 'run',
    type: 'duration',
    default: '5m',
    description: 'One deadline for the whole run, from 1s to 6h, written like 90s, 5m or 1h30m.',
  },
] as const satisfies readonly InputRow[]
