import type { Grant, Keeping, Privilege, QualifiedName } from './model-object.ts'
import type { Surroundings } from './names.ts'
import type { Faults } from './spec-faults.ts'
import type { Content, Spot } from './spec-read.ts'
import { relationNamed, unknownName } from './spec-references.ts'
import type { FILE } from './spec-schema.ts'

/** What holds where the file’s defaults say nothing. */
export interface Fallbacks {
  database: string
  schema: string
  cluster?: string
}

export type File = Content<typeof FILE>
type Grants = NonNullable<NonNullable<File['defaults']>['value']['grants']>

/** What an object of the file may say of its keeping; each kind has its own list of privileges. */
interface Kept {
  comment?: Spot<string> | undefined
  owner?: Spot<string> | undefined
  grants?: Grants | undefined
}

interface Fit {
  fit: readonly Privilege[]
  /** Then it is not the file’s own, and the defaults are not meant for it. */
  onlyUsed?: boolean
}

/** An object of the file as it was read. */
export type Entry<S extends keyof File> =
  NonNullable<File[S]> extends Spot<ReadonlyMap<string, infer O>> ? O : never

/** What building an object of any kind needs: the whole file, its defaults, and where faults go. */
export class SpecScope {
  /** Where the spec’s own objects lie. */
  readonly within: Surroundings
  readonly file: File
  readonly faults: Faults
  /** Names of the spec’s own relations. */
  readonly relations: ReadonlySet<string>
  readonly #cluster: string | undefined

  constructor(file: File, { given, faults }: { given: Fallbacks; faults: Faults }) {
    const defaults = file.defaults?.value
    this.file = file
    this.faults = faults
    this.within = {
      database: defaults?.database?.value ?? given.database,
      schema: defaults?.schema?.value ?? given.schema,
    }
    this.#cluster = defaults?.cluster?.value ?? given.cluster
    this.#checkRoles(defaults?.grants)
    const { sources, tables, views } = file
    this.relations = new Set([sources, tables, views].flatMap(keysOf))
  }

  /** The first table of the file that is made from a source. */
  tableOf(source: string): string | undefined {
    const [found] = entries(this.file.tables).filter(
      ([, { value }]) => value.source?.value === source,
    )
    return found?.[0]
  }

  /** The name of the spec’s own object. */
  own(name: string): QualifiedName {
    return { ...this.within, name }
  }

  /** What messages call an object of the file. */
  path(section: keyof File, name: string): string {
    return `${section}.${this.faults.part(name)}`
  }

  /** The connection an object goes by, which must be one of the file. */
  connectionNamed(spot: Spot<string> | undefined, path: string): QualifiedName {
    if (!spot) return this.own('')
    const show = (text: string) => this.faults.show(text)
    const unknown = unknownName(spot.value, keysOf(this.file.connections), show)
    if (unknown !== undefined) {
      this.faults.add(
        spot.at,
        `${path}.connection ${show(spot.value)} is not among connections; ${unknown}`,
      )
    }
    return this.own(spot.value)
  }

  /** The connection to a schema registry that a format goes by, which must be one of the file. */
  registryNamed(spot: Spot<string> | undefined, path: string): QualifiedName {
    if (!spot) return this.own('')
    const show = (text: string) => this.faults.show(text)
    const { connections } = this.file
    const unknown = unknownName(spot.value, keysOf(connections), show)
    const what = `${path}.registry ${show(spot.value)}`
    if (unknown !== undefined) {
      this.faults.add(spot.at, `${what} is not among connections; ${unknown}`)
    } else if (connections?.value.get(spot.value)?.given.has('kafka')) {
      this.faults.add(spot.at, `${what} is a connection to Kafka; name one to a schema registry`)
    }
    return this.own(spot.value)
  }

  /** A relation: one of the file’s own by its name, else any that exists. */
  relationNamed(spot: Spot<string>, path: string): QualifiedName {
    const parsed = relationNamed(spot.value, this.relations, this.within)
    if ('value' in parsed) return parsed.value
    this.faults.refuse(spot.at, path, { ...parsed.refusal, quote: spot.value })
    return this.own('')
  }

  /** Its own cluster, else that of the defaults. */
  clusterOf({ cluster }: { cluster: Spot<string> | undefined }): { cluster?: string } {
    const name = cluster?.value ?? this.#cluster
    return name === undefined ? {} : { cluster: name }
  }

  /** Comment, owner and grants. Of the grants of the defaults those count that fit the kind. */
  keeping(kept: Kept, { fit, onlyUsed }: Fit): Keeping {
    const defaults = onlyUsed ? undefined : this.file.defaults?.value
    this.#checkRoles(kept.grants)
    const owner = kept.owner?.value ?? defaults?.owner?.value
    const grants = grantsOf(kept.grants) ?? fitting(grantsOf(defaults?.grants), fit)
    return {
      ...(kept.comment && { comment: kept.comment.value }),
      ...(owner !== undefined && { owner }),
      ...(grants && { grants }),
    }
  }

  #checkRoles(grants: Grants | undefined): void {
    const seen = new Set<string>()
    for (const { value } of grants?.value ?? []) {
      if (!value.to) continue
      const role = value.to.value
      if (seen.has(role)) {
        this.faults.add(
          value.to.at,
          `the role ${this.faults.show(role)} has grants twice in one list; give it all its privileges at once`,
        )
      }
      seen.add(role)
    }
  }
}

/** The objects of a section by name. */
export function entries<T>(spot: Spot<ReadonlyMap<string, T>> | undefined): [string, T][] {
  return [...(spot?.value ?? [])]
}

/** Every key there is, whether or not its value was refused. */
export function keysOf(spot: Spot<unknown> | undefined): string[] {
  return [...(spot?.given.keys() ?? [])]
}

function grantsOf(spot: Grants | undefined): Grant[] | undefined {
  return spot?.value.map(({ value: { to, privileges } }) => ({
    to: to?.value ?? '',
    privileges: privileges?.value.map((privilege) => privilege.value) ?? [],
  }))
}

/** Nothing if nothing fits: defaults are no reason to take away what a kind cannot be granted. */
function fitting(
  grants: readonly Grant[] | undefined,
  fit: readonly Privilege[],
): Grant[] | undefined {
  const fitted = (grants ?? [])
    .map(({ to, privileges }) => ({
      to,
      privileges: privileges.filter((one) => fit.includes(one)),
    }))
    .filter(({ privileges }) => privileges.length > 0)
  return fitted.length > 0 ? fitted : undefined
}
