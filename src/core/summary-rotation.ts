import type { RotationReport } from './rotation.ts'
import { plain, table } from './summary-parts.ts'

/** What became of the credential, and how long each cluster stood still for it. */
export function rotationOf({ connections, result, restarts }: RotationReport): string {
  const names = connections.map((name) => plain(name, 600)).join(', ')
  const words = `The secrets of ${names} have the values given: ${result}.`
  if (restarts.length === 0) return words
  const rows = restarts.map(({ cluster, ms, objects }) => [
    plain(cluster, 600),
    `${(ms / 1000).toFixed(1)} s`,
    plain(objects.join(', '), 2_000),
  ])
  return [words, table(['Cluster', 'Stood still for', 'Went on'], rows)].join('\n\n')
}
