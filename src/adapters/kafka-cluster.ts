import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import { Failure } from '../core/failure.ts'
import {
  addressText,
  advertisedFailure,
  loginMismatchFailure,
  mostTelling,
  type Address,
} from './kafka-faults.ts'
import { openSocket, parseAddress } from './kafka-socket.ts'
import { endedBy } from './kafka-waiting.ts'
import {
  greet,
  hasEnded,
  openWire,
  type Question,
  type Wire,
  type WireOptions,
} from './kafka-wire.ts'

export interface PartitionMetadata {
  partitionErrorCode: number
  partitionId: number
  /** The node that serves it, -1 for none. */
  leader: number
  /** The nodes that hold a copy. */
  replicas: number[]
}

export interface TopicMetadata {
  topicErrorCode: number
  topic: string
  partitionMetadata: PartitionMetadata[]
}

export interface Metadata {
  brokers: (Address & { nodeId: number })[]
  controllerId: number
  topicMetadata: TopicMetadata[]
}

/** The brokers of the settings and those they send their clients on to. */
export interface Cluster {
  /** Of the named topics, none of which is created by asking; of all if none is named. */
  metadata(topics: string[]): Promise<Metadata>
  /** Whether brokers take transactions: every writer of them must ask for a producer id first. */
  offersTransactions(): Promise<boolean>
  /** Asks one broker of the metadata, by its node. */
  askNode(metadata: Metadata, nodeId: number, question: Question): Promise<unknown>
  close(): void
}

export function createCluster(given: WireOptions): Cluster {
  const closing = new AbortController()
  const options = { ...given, deadline: endedBy(closing.signal, given.deadline) }
  const wires = new Map<string, Promise<Wire>>()
  const opened = new Set<Wire>()
  let first: Promise<Wire> | undefined

  const open = async (opening: Promise<Wire>): Promise<Wire> => {
    const wire = await opening
    opened.add(wire)
    if (closing.signal.aborted) wire.close()
    return wire
  }

  const bootstrap = (): Promise<Wire> => {
    first = stillOpen(first, async () => {
      const wire = await open(openFirst(options))
      wires.set(addressText(wire.address), Promise.resolve(wire))
      return wire
    })
    return first
  }

  const wireTo = (address: Address): Promise<Wire> => {
    const key = addressText(address)
    const wire = stillOpen(wires.get(key), () => open(openWire(address, options)))
    wires.set(key, wire)
    return wire
  }

  return {
    metadata: async (topics) => {
      const question: Question = {
        api: 'Metadata',
        args: { topics, allowAutoTopicCreation: false },
      }
      const wire = await bootstrap()
      const wasUsed = wire.hasAnswered()
      try {
        return (await wire.ask(question)) as Metadata
      } catch (error) {
        if (!hasEnded(error)) throw error
        // Brokers and balancers end connections that were silent for some minutes.
        if (wasUsed) return (await (await bootstrap()).ask(question)) as Metadata
        throw options.settings.sasl ? error : loginMismatchFailure(wire.address, 'login')
      }
    },
    offersTransactions: async () => (await bootstrap()).offers(apiKeys.InitProducerId),
    askNode: async (metadata, nodeId, question) => {
      const { address: from } = await bootstrap()
      const node = metadata.brokers.find((broker) => broker.nodeId === nodeId)
      if (!node) throw noSuchNode(nodeId)
      const address = { host: node.host, port: node.port }
      const wire = await wireTo(address).catch((error: unknown) => {
        throw error instanceof Failure ? advertisedFailure(address, from, error) : error
      })
      return wire.ask(question)
    },
    close: () => {
      closing.abort()
      for (const wire of opened) wire.close()
    },
  }
}

/** The known connection if it still is one, else a new one; one and the same to all who ask. */
function stillOpen(known: Promise<Wire> | undefined, opening: () => Promise<Wire>): Promise<Wire> {
  return known ? known.then((wire) => (wire.isOpen() ? wire : opening()), opening) : opening()
}

/**
 * Sockets to every broker of the settings side by side, then a login with the first that opens, and
 * with the next if that fails for another reason than the login itself.
 */
async function openFirst(options: WireOptions): Promise<Wire> {
  const { settings, deadline } = options
  const opening = new Map(
    settings.brokers.map((text) => {
      const address = parseAddress(text)
      const socket = openSocket(address, settings, deadline)
      return [
        text,
        socket.then(
          (open) => ({ text, address, socket: open }),
          (failure: unknown) => ({ text, address, failure }),
        ),
      ] as const
    }),
  )
  const failures: Failure[] = []
  try {
    while (opening.size > 0) {
      const opened = await Promise.race(opening.values())
      opening.delete(opened.text)
      try {
        if ('failure' in opened) throw opened.failure
        return await greet(opened.address, opened.socket, options)
      } catch (error) {
        if (!(error instanceof Failure) || isFinal(error)) throw error
        failures.push(error)
      }
    }
  } finally {
    for (const attempt of opening.values()) {
      void attempt.then((late) => {
        if ('socket' in late) late.socket.destroy()
      })
    }
  }
  throw mostTelling(failures)
}

/** Another broker of the same cluster would say the same, and count the login against the user. */
function isFinal({ reason }: Failure): boolean {
  const final: Failure['reason'][] = ['kafka-login', 'kafka-mechanism', 'cancelled', 'deadline']
  return final.includes(reason)
}

function noSuchNode(nodeId: number): Failure {
  return new Failure({
    reason: 'kafka-refused',
    message: `Kafka names broker ${nodeId} for a partition, and no address of it.`,
    retriable: true,
  })
}
