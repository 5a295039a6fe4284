import type { FailureFacts } from './failure.ts'
import type { Observed, ReplicaSize } from './observed.ts'
import { alternatives, nearest } from './parse.ts'
import * as sql from './sql.ts'
import type { Found, Wanted } from './wanted-model.ts'

/**
 * The sizes that sources and sinks had of their own until Materialize v0.84, with what each cost an
 * hour. A region may still have them for clusters; a new one has not.
 */
const OF_OLD: Readonly<Record<string, number>> = {
  '3xsmall': 0.25,
  '2xsmall': 0.5,
  xsmall: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
  '3xlarge': 64,
  '4xlarge': 128,
  '5xlarge': 256,
  '6xlarge': 512,
}

/** Names offered, and no more. */
const MOST = 12

/** A size that is not to be had here, whatever the cluster has now. */
export function sizeRefusal(
  wanted: Wanted,
  found: Found | undefined,
  { sizes = [] }: Observed,
): FailureFacts | undefined {
  const { size } = wanted
  if (size === undefined || sizes.length === 0) return undefined
  // One that is there already may have a size that is not given out any more.
  if (found && 'size' in found && found.size === size) return undefined
  if (sizes.some((one) => one.size === size)) return undefined
  return {
    reason: 'cluster-size-unknown',
    message: `Cluster ${sql.targetName(wanted)} cannot have the size ${sql.literal(size)}${explained(size, sizes)}. There are: ${offered(sizes)}.`,
    inputs: ['spec'],
  }
}

function explained(size: string, sizes: ReplicaSize[]): string {
  const cost = OF_OLD[size.toLowerCase()]
  if (cost !== undefined) {
    const [near] = [...sizes].sort((a, b) => away(a, cost) - away(b, cost))
    return `: sizes of that name went from sources and sinks with Materialize v0.84, and in their place a cluster has one such as ${sql.literal(near?.size ?? '')}`
  }
  const meant = nearest(
    size,
    sizes.map((one) => one.size),
  )
  return meant === undefined ? '' : ` (did you mean ${sql.literal(meant)}?)`
}

/** How unlike in cost: twice as much is as far as half as much. */
function away({ credits }: ReplicaSize, cost: number): number {
  return credits > 0 ? Math.abs(Math.log(credits / cost)) : Infinity
}

function offered(sizes: ReplicaSize[]): string {
  const all = [...sizes].sort((a, b) => a.credits - b.credits).map(({ size }) => size)
  return all.length > MOST
    ? `${all.slice(0, MOST).join(', ')} and ${String(all.length - MOST)} more`
    : alternatives(all)
}
