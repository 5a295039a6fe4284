import { LIFETIMES, PLAN_CHECKS } from './model.ts'
import type { InputRow } from './input-row.ts'

export const CHANGE_ROWS = [
  {
    name: 'spec',
    group: 'spec',
    type: 'path or YAML',
    otherwise: 'the inputs of one pipeline',
    description:
      'A file that says what should be there, or its text: connections, clusters, topics, sources, views, sinks. docs/spec.md explains it. Stands in for the inputs of Kafka and of one pipeline.',
  },
  {
    name: 'environment',
    group: 'changes',
    type: 'text',
    otherwise: 'the names are those of the spec',
    description:
      'A name, such as pr-12 or a branch, under which everything is made once more: in a schema of its own, with clusters and topics of its own as far as the spec makes them, and a topic of its own for each sink. Topics that are there and only read are shared. With modes provision, plan, verify and teardown.',
  },
  {
    name: 'expires-in',
    group: 'changes',
    type: 'duration',
    otherwise: 'it stays until it is torn down',
    description:
      'How long the environment may stay, from 1m to 365d, written like 12h, 3d or 1d12h. The time is kept in the comment of its schema; each provision sets it anew.',
  },
  {
    name: 'lifetime',
    group: 'changes',
    type: 'word',
    choices: LIFETIMES,
    otherwise: 'what is made stays after the job',
    description:
      'job makes everything in an environment of this step alone, and removes it after the job, however that ends. Its name is in the output environment; expires-in is 1d unless given. With mode provision.',
  },
  {
    name: 'dry-run',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'With mode sweep: whether only to list, in the output changes, what would be removed.',
  },
  {
    name: 'adopt',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'Whether to take objects that are there under the spec’s names, and that this action did not make, into its keeping. Their comments stay.',
  },
  {
    name: 'allow-replace',
    group: 'changes',
    type: 'list',
    otherwise: 'nothing is dropped and made anew',
    description:
      'What may be dropped and made anew where it cannot be changed as it stands: sources, sinks, views, all, or names. A source made anew reads its topic again from the start, a sink sends its snapshot again.',
  },
  {
    name: 'prune',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description: 'Whether to drop what this action made and the spec no longer holds.',
  },
  {
    name: 'fail-on-changes',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'With mode plan: whether the run fails if anything is not as the spec says, as an alarm for drift.',
  },
  {
    name: 'drop-dependents',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'With mode teardown: whether to drop what others made from the objects that are dropped, too, as far as it lies in the spec’s own schema.',
  },
  {
    name: 'delete-topics',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'With mode teardown: whether to delete the topics that this action made, too, and what Materialize left in Kafka of the dropped objects: consumer groups, and the progress topic of a connection that goes.',
  },
  {
    name: 'plan-check',
    group: 'changes',
    type: 'word',
    choices: PLAN_CHECKS,
    default: 'none',
    description:
      'With mode plan: server has Materialize itself try each new source in a transaction that is always rolled back, which asks Kafka for the topic, too. Sinks, and sources whose connection or cluster is not there yet, cannot be tried so and are listed as not checked.',
  },
  {
    name: 'max-parallel',
    group: 'changes',
    type: 'whole number',
    default: '4',
    description:
      'How many things that do not need each other are made, changed or checked at once, 1 to 16; each uses a session.',
  },
  {
    name: 'restart-replicas',
    group: 'changes',
    type: 'true or false',
    default: 'false',
    description:
      'With mode rotate: whether to start the replicas anew of every cluster in which sources and sinks go by the connection, so that they take up the new credential. Everything in these clusters stands still meanwhile.',
  },
] as const satisfies readonly InputRow[]
