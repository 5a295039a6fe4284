import { SOURCE_FORMATS } from './model-source.ts'
import { cluster, connectionOf, keeping, object, PRIVILEGES_ON, text, word } from './spec-shape.ts'

export const SOURCE = object('a source', {
  connection: connectionOf,
  topic: {
    shape: text('topic'),
    needed: true,
    meaning: 'Topic it reads; one that is not in topics must exist.',
  },
  format: {
    shape: word(SOURCE_FORMATS),
    default: 'bytes',
    meaning: 'How a record’s value is read. bytes takes anything.',
  },
  cluster,
  ...keeping(PRIVILEGES_ON.source),
})
