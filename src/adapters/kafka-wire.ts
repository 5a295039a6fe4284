import type { Socket } from 'node:net'
import Connection, {
  type ApiVersions,
  type KafkajsCall,
  type KafkajsLogger,
} from 'kafkajs/src/network/connection.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import protocol, { type Definition } from 'kafkajs/src/protocol/requests/index.js'
import { Failure } from '../core/failure.ts'
import type { KafkaSettings } from '../core/model-connection.ts'
import type { Log } from '../ports.ts'
import {
  addressText,
  codeOf,
  handshakeFailure,
  loginFailure,
  loginMismatchFailure,
  mechanismFailure,
  mismatchFailure,
  textOf,
  unreachable,
  type Address,
} from './kafka-faults.ts'
import { aclRequests, DESCRIBE_TRANSACTIONS, transactionSight } from './kafka-acls-requests.ts'
import { incrementalAlterConfigs } from './kafka-incremental-configs.ts'
import { produceRequest } from './kafka-produce-request.ts'
import { groupRights, topicRights } from './kafka-rights-requests.ts'
import { isSecure, openSocket, speaksTls } from './kafka-socket.ts'
import { bounded, type Deadline } from './kafka-waiting.ts'

/*
 * kafkajs serves here one connection at a time: its framing, its requests and its logins. Its cluster
 * and its consumer stay out. They retry every error they do not know for minutes and lose its cause,
 * and reading without a consumer group, so without a right to one and without leaving one behind, is
 * not among the things they can do.
 */

/** Kafka itself holds a request back no longer than the seconds that it was told. */
const ANSWER_MS = 20_000
/** The first answer needs no disk and no other broker. */
const GREETING_MS = 5_000
const LOGIN_MS = 15_000

/** From this version on, asking for a topic's metadata can be told not to create the topic. */
const METADATA_WITHOUT_CREATION = 4

export type Api =
  | 'AlterConfigs'
  | 'CreateAcls'
  | 'CreatePartitions'
  | 'CreateTopics'
  | 'DeleteAcls'
  | 'DeleteGroups'
  | 'DeleteTopics'
  | 'DescribeAcls'
  | 'DescribeConfigs'
  | 'DescribeGroups'
  | 'Fetch'
  | 'IncrementalAlterConfigs'
  | 'ListGroups'
  | 'ListOffsets'
  | 'Metadata'
  | 'Produce'
  | 'TopicRights'
  | 'GroupRights'
  | 'TransactionSight'

const definitions: Record<Api, Definition> = {
  ...protocol.requests,
  ...aclRequests,
  IncrementalAlterConfigs: incrementalAlterConfigs,
  Produce: produceRequest,
  TopicRights: topicRights,
  GroupRights: groupRights,
  TransactionSight: transactionSight,
}

/** Two questions are other versions of requests that are there already; one kafkajs does not know. */
const keys: Record<Api, number> = {
  ...apiKeys,
  TopicRights: apiKeys.Metadata,
  GroupRights: apiKeys.DescribeGroups,
  TransactionSight: DESCRIBE_TRANSACTIONS,
}

export interface Question {
  api: Api
  args: object
  /** Reads the answer where kafkajs's own way of reading it loses something. */
  decode?: (payload: Buffer, version: number) => unknown
}

/** A connection to one broker, logged in. */
export interface Wire {
  readonly address: Address
  isOpen(): boolean
  /** Whether it has served before, and so is not refused for what it is. */
  hasAnswered(): boolean
  /** Whether the broker can be asked something at all, by the protocol’s key for it. */
  offers(apiKey: number): boolean
  /** The broker's answer, error codes and all; rejects with a Failure if none comes. */
  ask(question: Question): Promise<unknown>
  close(): void
}

export interface WireOptions {
  settings: KafkaSettings
  clientId: string
  log: Log
  deadline: Deadline
}

/**
 * kafkajs arms this timer also when nothing waits, with a negative delay, and again each time it
 * fires: a thousand times a second for each connection, with a warning on Node 24. A request that
 * must wait arms it itself.
 */
const armTimer = RequestQueue.prototype.scheduleCheckPendingRequests
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) armTimer.call(this)
}

/** Connects and logs in; rejects with a Failure that says what of that did not work. */
export async function openWire(address: Address, options: WireOptions): Promise<Wire> {
  const socket = await openSocket(address, options.settings, options.deadline)
  return greet(address, socket, options)
}

/** Logs in over an open socket, and ends it if that fails. */
export async function greet(address: Address, socket: Socket, options: WireOptions): Promise<Wire> {
  const { settings, clientId, log, deadline } = options
  const connection = new Connection({
    ...address,
    clientId,
    logger: quietLogger(log),
    sasl: settings.sasl ? { ...settings.sasl } : null,
    socketFactory: ({ onConnect }) => {
      queueMicrotask(onConnect)
      return socket
    },
    connectionTimeout: GREETING_MS,
    requestTimeout: ANSWER_MS,
    // Limits are kept here, by the run's deadline; kafkajs would look ten times a second.
    enforceRequestTimeout: false,
  })
  try {
    await connection.connect()
    const versions = await apiVersions({ connection, address, options })
    await login({ connection, address, options, versions })
    const ask = asker({ connection, address, deadline, versions })
    let answered = false
    return {
      address,
      isOpen: () => connection.isConnected(),
      hasAnswered: () => answered,
      offers: (apiKey) => apiKey in versions,
      ask: async (question) => {
        try {
          const answer = await ask(question)
          answered = true
          return answer
        } catch (error) {
          // Who kept silent once is not waited for again.
          if (error instanceof Failure && error.reason === 'kafka-unreachable') end(socket)
          throw error
        }
      },
      close: () => end(socket),
    }
  } catch (error) {
    end(socket)
    throw error
  }
}

/** With an error, so that kafkajs lets go of whatever waits on this socket. */
function end(socket: Socket): void {
  socket.destroy(new Error('closed by this action'))
}

interface Greeting {
  connection: Connection
  address: Address
  options: WireOptions
}

async function apiVersions({ connection, address, options }: Greeting): Promise<ApiVersions> {
  const { settings, deadline } = options
  const at = addressText(address)
  const call = protocol.requests.ApiVersions.protocol({ version: 1 })({})
  try {
    const answer = await bounded(connection.send(plainly(call)), deadline, {
      ms: GREETING_MS,
      failure: () =>
        unreachable(address, `Kafka at ${at} accepted the connection and then kept silent.`),
    })
    const { apiVersions } = answer as {
      apiVersions: { apiKey: number; minVersion: number; maxVersion: number }[]
    }
    return Object.fromEntries(apiVersions.map((version) => [version.apiKey, version]))
  } catch (error) {
    if (error instanceof Failure && error.reason !== 'kafka-unreachable') throw error
    if (!isSecure(settings) && (await speaksTls(address, deadline))) {
      throw mismatchFailure(address, 'tls')
    }
    throw lost(address, error)
  }
}

async function login(greeting: Greeting & { versions: ApiVersions }): Promise<void> {
  const { connection, address, options, versions } = greeting
  const { settings, deadline } = options
  connection.setVersions(versions)
  connection.setSupportAuthenticationProtocol(apiKeys.SaslAuthenticate in versions)
  if (!settings.sasl) return
  const { mechanism } = settings.sasl
  const send = connection.send.bind(connection)
  connection.send = (call) =>
    send(
      call.request.apiKey === apiKeys.SaslHandshake
        ? { ...call, response: { ...call.response, parse: offered(address, mechanism) } }
        : call,
    )
  try {
    await bounded(connection.authenticate(), deadline, {
      ms: LOGIN_MS,
      failure: () =>
        unreachable(address, `Kafka at ${addressText(address)} did not answer the login.`),
    })
  } catch (error) {
    throw error instanceof Failure ? error : loginFailure(address, mechanism, error)
  }
}

const ILLEGAL_SASL_STATE = 34

/** Reads the answer about a mechanism, of which kafkajs keeps an error without what is offered. */
function offered(address: Address, mechanism: string): KafkajsCall['response']['parse'] {
  return async (decoded) => {
    const answer = decoded as { errorCode: number; enabledMechanisms: string[] }
    if (answer.errorCode === ILLEGAL_SASL_STATE) throw loginMismatchFailure(address, 'none')
    if (!answer.enabledMechanisms.includes(mechanism)) {
      throw mechanismFailure(address, mechanism, answer.enabledMechanisms)
    }
    return answer
  }
}

/** A call whose error codes are left in its answer, where they stand with what they are about. */
function plainly(call: KafkajsCall, decode?: Question['decode']): KafkajsCall {
  const version = call.request.apiVersion
  return {
    ...call,
    response: {
      decode: decode
        ? async (payload) => decode(payload, version)
        : (payload) => call.response.decode(payload),
      parse: async (decoded) => decoded,
    },
    logResponseError: false,
  }
}

function asker(of: {
  connection: Connection
  address: Address
  deadline: Deadline
  versions: ApiVersions
}): Wire['ask'] {
  const { connection, address, deadline, versions } = of
  const lookup = protocol.lookup(versions)
  return async ({ api, args, decode }) => {
    try {
      const call = lookup(keys[api], definitions[api])(safe(api, args, versions))
      return await bounded(connection.send(plainly(call, decode)), deadline, {
        ms: ANSWER_MS,
        failure: () =>
          unreachable(address, `Kafka at ${addressText(address)} did not answer ${api}.`),
      })
    } catch (error) {
      throw isLoss(error) ? lost(address, error) : refused(api, error)
    }
  }
}

/** Never by name where asking for a name could create the topic: then for all there are. */
function safe(api: Api, args: object, versions: ApiVersions): object {
  if (api !== 'Metadata') return args
  const version = versions[apiKeys.Metadata]?.maxVersion ?? 0
  return { ...args, ...(version < METADATA_WITHOUT_CREATION ? { topics: [] } : {}) }
}

/** What kafkajs rejects with when a connection ends; anything else is not about the connection. */
function isLoss(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJSConnection')
}

/** Whether the broker ended the connection instead of answering. */
export function hasEnded(error: unknown): boolean {
  return error instanceof Failure && isLoss(error.cause)
}

/** Whether the broker is too old for a request, or of a kind that leaves it out. */
export function isNotOffered(error: unknown): boolean {
  const cause = error instanceof Failure ? error.cause : undefined
  return cause instanceof Error && cause.name === 'KafkaJSServerDoesNotSupportApiKey'
}

/** kafkajs's own words, for instance when a broker is too old for a request. */
function refused(api: Api, error: unknown): unknown {
  if (!(error instanceof Error && error.name.startsWith('KafkaJS'))) return error
  const message = `Kafka could not be asked ${api}: ${error.message}`
  return new Failure({ reason: 'kafka-refused', message, cause: error })
}

function lost(address: Address, error: unknown): Failure {
  if (error instanceof Failure) return error
  // A broker that wants a client's certificate says so after the handshake, as an alert.
  if (codeOf(error).startsWith('ERR_SSL_')) return handshakeFailure(address, error)
  const at = addressText(address)
  return unreachable(address, `Kafka at ${at} ended the connection (${textOf(error)}).`, error)
}

/** What kafkajs has to say, without the details, some of which are the bytes of a login. */
function quietLogger(log: Log): KafkajsLogger {
  const say = (message: string): void => {
    log.debug(`kafkajs: ${message}`)
  }
  const logger: KafkajsLogger = {
    namespace: () => logger,
    error: say,
    warn: say,
    info: say,
    debug: () => undefined,
  }
  return logger
}
