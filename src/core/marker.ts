/**
 * The mark of what this action made: a short JSON object, the last line of the object’s comment, below
 * the user’s own words. Materialize shows comments to every role, so it never holds a secret.
 */
export interface Marker {
  /** The repository whose workflow made the object, `owner/name`. */
  repository: string
  /** What the object is to its spec, for instance `source:hello`. */
  key: string
  /** The spec file that holds it, by its path: what it holds no longer is told by that. */
  spec?: string
  /**
   * What a run is about to make, `kind:"database"."schema"."name"` each. CREATE and COMMENT cannot
   * share a transaction: an object without a mark of its own that is listed here was made by a run
   * that was killed between the two. Emptied when the run has made all.
   */
  making?: string[]
  /** What the comments of objects that are dropped and made anew said, by their entry in `making`. */
  anew?: Record<string, string>
  /** Of a connection: the topics of its Kafka that this action made, which have no comments. */
  topics?: string[]
  /** Of a connection: the rules of its Kafka (ACLs) that this action made, as acl.ts notes them. */
  acls?: string[]
  /**
   * Of a source or table: what it was made with and Materialize does not keep, by the spec’s keys; a
   * start-timestamp for one, of which only the offsets stay that came of it.
   */
  made?: Record<string, string>
  /** Of a connection: clusters whose replicas are being started anew, and how many each had. */
  restarting?: Record<string, number>
  /** Of a connection: the run that is changing its credential, so that two do not at once. */
  rotating?: string
  /** The environment that it belongs to, as the input says it. */
  environment?: string
  /** Of a canary’s things and an environment’s schema: the ISO time after which a run may remove them. */
  until?: string
  /** Of an environment’s schema: the number of the pull request for which it was last provisioned. */
  pull?: number
  /** Of a view: a digest of the query it was made from, since Materialize keeps another text. */
  query?: string
}

/** Whether a mark is of a repository’s environment; without one, of none. */
export function isOf(
  marker: Marker | undefined,
  repository: string,
  environment: string | undefined,
): boolean {
  return marker?.repository === repository && marker.environment === environment
}

const MANAGER = 'materialize-kafka-action'

/** The comment’s text: the user’s own words, if any, and the mark. */
export function commentText(own: string, marker: Marker): string {
  const {
    repository,
    key,
    spec,
    making = [],
    anew = {},
    topics = [],
    acls = [],
    made,
    restarting,
    rotating,
    environment,
    until,
    pull,
    query,
  } = marker
  const mark = JSON.stringify({
    manager: MANAGER,
    repository,
    key,
    ...(spec === undefined ? {} : { spec }),
    ...(made === undefined ? {} : { made }),
    ...(query === undefined ? {} : { query }),
    ...(environment === undefined ? {} : { environment }),
    ...(until === undefined ? {} : { until }),
    ...(pull === undefined ? {} : { pull }),
    ...(topics.length > 0 ? { topics } : {}),
    ...(restarting === undefined ? {} : { restarting }),
    ...(rotating === undefined ? {} : { rotating }),
    ...(acls.length > 0 ? { acls } : {}),
    ...(making.length > 0 ? { making } : {}),
    ...(Object.keys(anew).length > 0 ? { anew } : {}),
  })
  return own === '' ? mark : `${own}\n${mark}`
}

/** A comment taken apart; without a marker, all of it is somebody’s own. */
export function readComment(comment: string | null | undefined): { own: string; marker?: Marker } {
  const text = comment ?? ''
  const at = text.lastIndexOf('\n') + 1
  const marker = readMark(text.slice(at))
  return marker ? { own: text.slice(0, Math.max(0, at - 1)), marker } : { own: text }
}

function readMark(line: string): Marker | undefined {
  if (!line.startsWith('{')) return undefined
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    // Somebody’s own text that happens to begin like ours.
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const mark = value as Record<string, unknown>
  const { manager, repository, key, spec, making, anew, topics, acls } = mark
  const { made, query, restarting, rotating, until, pull, environment } = mark
  if (manager !== MANAGER || typeof repository !== 'string' || typeof key !== 'string') {
    return undefined
  }
  const marker: Marker = { repository, key }
  if (texts(making).length > 0) marker.making = texts(making)
  const entries = Object.entries(typeof anew === 'object' && anew !== null ? anew : {})
  const said = entries.filter(([, text]) => typeof text === 'string') as [string, string][]
  if (said.length > 0) marker.anew = Object.fromEntries(said)
  if (texts(topics).length > 0) marker.topics = texts(topics)
  if (texts(acls).length > 0) marker.acls = texts(acls)
  if (typeof made === 'object' && made !== null) marker.made = textsByKey(made)
  const counts =
    typeof restarting === 'object' && restarting !== null ? countsByKey(restarting) : {}
  if (Object.keys(counts).length > 0) marker.restarting = counts
  if (typeof rotating === 'string') marker.rotating = rotating
  if (typeof query === 'string') marker.query = query
  if (typeof environment === 'string') marker.environment = environment
  if (typeof until === 'string') marker.until = until
  if (typeof pull === 'number' && Number.isSafeInteger(pull) && pull > 0) marker.pull = pull
  if (typeof spec === 'string') marker.spec = spec
  return marker
}

function textsByKey(value: object): Record<string, string> {
  const isText = (entry: [string, unknown]): entry is [string, string] =>
    typeof entry[1] === 'string'
  return Object.fromEntries(Object.entries(value).filter(isText))
}

function countsByKey(value: object): Record<string, number> {
  const isCount = (entry: [string, unknown]): entry is [string, number] =>
    Number.isInteger(entry[1]) && Number(entry[1]) > 0
  return Object.fromEntries(Object.entries(value).filter(isCount))
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** A short digest of a text (FNV-1a, 64 bits), to tell whether it is still the same one. */
export function digest(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash.toString(16).padStart(16, '0')
}
