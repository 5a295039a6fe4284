import { readComment } from '../../src/core/marker.ts'
import type { Spec } from '../../src/core/model.ts'
import { clusterName, type ObjectKind, type Target, targetName } from '../../src/core/sql.ts'
import type { CatalogModel } from './catalog-model.ts'
import type { Cluster, Item } from './catalog-model-shown.ts'
import { REPOSITORY } from './plan-fixture.ts'

/** How an object stands to a spec, worked out by the marks alone and not by the planner. */
export interface Standing {
  object: Readonly<Item | Cluster>
  target: Target
  /** Whether the spec has an object of this kind and name. */
  isAsked: boolean
  /** By its own mark, or by the note that a killed run has left in another. */
  isOurs: boolean
  specFile: string | undefined
}

export function standing(model: CatalogModel, spec: Spec): Standing[] {
  const asked = new Set(targetsOf(spec).map(textOf))
  const objects = [...model.objects().values()]
  const markerOf = ({ comment }: { comment: string }) => {
    const { marker } = readComment(comment)
    return marker?.repository === REPOSITORY ? marker : undefined
  }
  const noted = new Set(objects.flatMap((object) => markerOf(object)?.making ?? []))
  return objects.map((object) => {
    const target = targetOf(object)
    const marker = markerOf(object)
    const isNoted = object.comment === '' && noted.has(textOf(target))
    return {
      object,
      target,
      isAsked: asked.has(textOf(target)),
      isOurs: marker !== undefined || isNoted,
      specFile: marker?.spec,
    }
  })
}

function targetOf(object: Readonly<Item | Cluster>): Target {
  if (!('type' in object)) return { kind: 'cluster', name: clusterName(object.name) }
  const kind = object.type === 'materialized-view' ? 'view' : (object.type as ObjectKind)
  // A view that is not materialized is none of ours.
  return { kind: object.type === 'view' ? ('table' as ObjectKind) : kind, name: object.name }
}

function targetsOf(spec: Spec): Target[] {
  const all = <Kind extends ObjectKind>(kind: Kind, of: { name: Target['name'] }[]): Target[] =>
    of.map(({ name }) => ({ kind, name }))
  return [
    ...spec.clusters.map(({ name }): Target => ({ kind: 'cluster', name: clusterName(name) })),
    ...all(
      'secret',
      spec.connections.flatMap(({ secrets }) => Object.values(secrets)),
    ),
    ...all('connection', spec.connections),
    ...all('source', spec.sources),
    ...all('view', spec.views),
    ...all('sink', spec.sinks),
  ]
}

function textOf(target: Target): string {
  return `${target.kind}:${targetName(target)}`
}
