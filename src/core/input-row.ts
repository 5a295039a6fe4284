/** One input, as README, action.yml and the reader of inputs know it. */
export interface InputRow {
  name: string
  group: keyof typeof GROUPS
  /** What kind of text it takes, in the reader’s words. */
  type: string
  description: string
  /** The words it takes, if it takes no others. */
  choices?: readonly string[]
  /** What the runner fills in; only for inputs whose value can come from nowhere else. */
  default?: string
  /** What holds while it is empty, where the runner must not fill anything in. */
  otherwise?: string
  /** Its value must never be shown. */
  secret?: true
}

export const GROUPS = {
  run: 'The run',
  materialize: 'Materialize',
  kafka: 'Kafka',
  spec: 'Many pipelines from one file',
  changes: 'Changing and removing',
  pipeline: 'One pipeline',
  rows: 'Seeing rows',
  canary: 'Sending records',
  verify: 'Checking what is there',
  grants: 'Rights in Kafka',
  telling: 'Issues and comments',
} as const
