import type { Examples } from './example.ts'
import { OF_CONNECTIONS } from './of-connections.ts'
import { OF_OTHERS } from './of-others.ts'
import { OF_SINKS } from './of-sinks.ts'
import { OF_SOURCES } from './of-sources.ts'

/** One example for each option of the spec. */
export const EXAMPLES: Examples = {
  ...OF_CONNECTIONS,
  ...OF_SOURCES,
  ...OF_SINKS,
  ...OF_OTHERS,
}
