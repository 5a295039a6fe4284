import type { Definition } from '../../src/core/definition.ts'
import { readComment } from '../../src/core/marker.ts'
import type { Grant, QualifiedName } from '../../src/core/model-object.ts'
import type { ObservedCluster, ObservedKeeping, ObservedObject } from '../../src/core/observed.ts'

/** What the catalog of the model holds, and how it looks to one who reads it. */

export interface Kept {
  id: string
  /** As the catalog has it: the user’s words and the mark. */
  comment: string
  owner: string
  grants: Grant[]
}

export interface Item extends Kept {
  /** As mz_objects says it. */
  type: string
  name: QualifiedName
  definition?: Definition
  cluster?: string
  dependsOn: string[]
}

export interface Cluster extends Kept {
  name: string
  size: string
  factor: number
}

export interface Topic {
  name: string
  partitions: number
  config: Record<string, string>
}

export function observedCluster({ id, name, size, factor, ...kept }: Cluster): ObservedCluster {
  return { id, name, size, replicas: factor, replicationFactor: factor, ...keepingOf(kept) }
}

export function observedItem(item: Item, clusters: Cluster[]): ObservedObject {
  const { id, name, type, dependsOn, definition } = structuredClone(item)
  const cluster = clusters.find((one) => one.id === item.cluster)
  return {
    ...{ id, name, type, dependsOn },
    ...keepingOf(item),
    ...(definition && { definition, ...columnsOf(definition) }),
    ...(cluster && { cluster: cluster.name }),
  }
}

/** What the catalog’s columns say beside the definition. */
function columnsOf(definition: Definition): Pick<ObservedObject, 'connection' | 'source' | 'sink'> {
  if (definition.is === 'connection') {
    return { connection: { type: definition.type, brokers: definition.brokers } }
  }
  if (definition.is !== 'source' && definition.is !== 'sink') return {}
  const external = definition.is === 'source' ? definition.from : definition.into
  return {
    [definition.is]: {
      type: external?.type ?? '',
      topic: textOf(external?.options['TOPIC']),
      connectionId: external?.connection?.id ?? '',
      envelope: definition.envelope?.name ?? '',
      valueFormat: definition.format?.name ?? '',
    },
  }
}

function keepingOf({ comment, owner, grants }: Omit<Kept, 'id'>): ObservedKeeping {
  const { own, marker } = readComment(comment)
  return { comment: own, owner, grants: structuredClone(grants), ...(marker && { marker }) }
}

export function textOf(value: { is: string; value?: unknown } | undefined): string {
  return typeof value?.value === 'string' ? value.value : ''
}
