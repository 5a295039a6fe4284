/**
 * The mark of what this action made: a short JSON object in the object’s comment. Materialize shows
 * comments to every role, so it never holds a secret.
 */
export interface Marker {
  /** The repository whose workflow made the object, `owner/name`. */
  repository: string
  /** What the object is to its spec, for instance `source:hello`. */
  key: string
  /**
   * What a run is about to make, `kind:"database"."schema"."name"` each. CREATE and COMMENT cannot
   * share a transaction: an object without a mark of its own that is listed here was made by a run
   * that was killed between the two. Emptied when the run has made all.
   */
  making?: string[]
}

const MANAGER = 'materialize-kafka-action'

/** The comment’s text. */
export function markerText(marker: Marker): string {
  const { repository, key, making = [] } = marker
  return JSON.stringify({
    manager: MANAGER,
    repository,
    key,
    ...(making.length > 0 ? { making } : {}),
  })
}

/** The marker in a comment, or undefined where somebody else wrote it. */
export function readMarker(comment: string | null | undefined): Marker | undefined {
  if (!comment?.startsWith('{')) return undefined
  let value: unknown
  try {
    value = JSON.parse(comment)
  } catch {
    // Somebody’s own text that happens to begin like ours.
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { manager, repository, key, making } = value as Record<string, unknown>
  if (manager !== MANAGER || typeof repository !== 'string' || typeof key !== 'string') {
    return undefined
  }
  const names = Array.isArray(making) ? making.filter((name) => typeof name === 'string') : []
  return { repository, key, ...(names.length > 0 ? { making: names } : {}) }
}
