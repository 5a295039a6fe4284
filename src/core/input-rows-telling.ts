import type { InputRow } from './input-row.ts'

export const TELLING_ROWS = [
  {
    name: 'issue',
    group: 'telling',
    type: 'true or false',
    default: 'false',
    description:
      'Of mode verify: whether a run that fails opens an issue, which is kept up to date and closed once all is well. Needs permissions: issues: write.',
  },
  {
    name: 'comment',
    group: 'telling',
    type: 'true or false',
    default: 'false',
    description:
      'Whether the plan or the verdicts stand in one comment of the pull request, updated by each run. With modes plan, provision, verify and teardown. Needs permissions: pull-requests: write.',
  },
  {
    name: 'check-name',
    group: 'telling',
    type: 'text',
    otherwise: 'the workflow’s file and the job',
    description:
      'What issue and comment call the check. It tells checks of the same things apart, as do host, database, spec and names, so that a matrix needs it only for legs that check the same.',
  },
  {
    name: 'github-token',
    group: 'telling',
    type: 'text',
    default: '${{ github.token }}',
    secret: true,
    description:
      'The token that writes issue and comment, and asks for mode sweep which pull requests are closed (permissions: pull-requests: read).',
  },
] as const satisfies readonly InputRow[]
