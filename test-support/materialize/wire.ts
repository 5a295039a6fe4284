import type { Notice, SqlError } from './errors.ts'
import type { Field } from './store.ts'

/** Messages of the PostgreSQL protocol, version 3: the server's made, the client's taken apart. */

export interface Frame {
  type: string
  body: Buffer
}

/** Collects bytes until whole messages are there. */
export class Framer {
  private pending: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk])
  }

  /** The first message of a connection has no type. */
  startup(): Buffer | undefined {
    if (this.pending.length < 4) return undefined
    const length = this.pending.readInt32BE(0)
    if (this.pending.length < length) return undefined
    const body = this.pending.subarray(4, length)
    this.pending = this.pending.subarray(length)
    return body
  }

  next(): Frame | undefined {
    if (this.pending.length < 5) return undefined
    const length = this.pending.readInt32BE(1) + 1
    if (this.pending.length < length) return undefined
    const frame = {
      type: String.fromCharCode(this.pending[0]!),
      body: this.pending.subarray(5, length),
    }
    this.pending = this.pending.subarray(length)
    return frame
  }

  /** What came after the startup packet, for the TLS layer. */
  rest(): Buffer {
    const rest = this.pending
    this.pending = Buffer.alloc(0)
    return rest
  }
}

/** Reads the fields of one message's body in order. */
export class Body {
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get ended(): boolean {
    return this.at >= this.bytes.length
  }

  int16(): number {
    this.at += 2
    return this.bytes.readInt16BE(this.at - 2)
  }

  int32(): number {
    this.at += 4
    return this.bytes.readInt32BE(this.at - 4)
  }

  uint32(): number {
    this.at += 4
    return this.bytes.readUInt32BE(this.at - 4)
  }

  byte(): string {
    return String.fromCharCode(this.bytes[this.at++]!)
  }

  text(): string {
    const end = this.bytes.indexOf(0, this.at)
    const text = this.bytes.toString('utf8', this.at, end)
    this.at = end + 1
    return text
  }

  take(length: number): Buffer {
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  remaining(): Buffer {
    return this.take(this.bytes.length - this.at)
  }
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'utf8')
}

export const write = {
  authenticationOk: () => message('R', int32(0)),
  cleartextPassword: () => message('R', int32(3)),
  sasl: (mechanism: string) => message('R', int32(10), text(mechanism), Buffer.from([0])),
  saslContinue: (data: string) => message('R', int32(11), Buffer.from(data)),
  saslFinal: (data: string) => message('R', int32(12), Buffer.from(data)),
  parameterStatus: (name: string, value: string) => message('S', text(name), text(value)),
  backendKeyData: (processId: number, secretKey: number) =>
    message('K', int32(processId), int32(secretKey)),
  readyForQuery: (status: 'I' | 'T' | 'E') => message('Z', Buffer.from(status)),
  commandComplete: (tag: string) => message('C', text(tag)),
  emptyQuery: () => message('I'),
  parseComplete: () => message('1'),
  bindComplete: () => message('2'),
  closeComplete: () => message('3'),
  noData: () => message('n'),
  portalSuspended: () => message('s'),
  parameterDescription: (types: number[]) =>
    message('t', int16(types.length), ...types.map(uint32)),
  rowDescription: (fields: Field[]) =>
    message(
      'T',
      int16(fields.length),
      ...fields.map((field) =>
        Buffer.concat([
          text(field.name),
          int32(0),
          int16(0),
          uint32(field.oid),
          int16(-1),
          int32(field.modifier),
          int16(0),
        ]),
      ),
    ),
  dataRow: (row: (string | null)[]) =>
    message(
      'D',
      int16(row.length),
      ...row.map((value) => {
        if (value === null) return int32(-1)
        const bytes = Buffer.from(value, 'utf8')
        return Buffer.concat([int32(bytes.length), bytes])
      }),
    ),
  error: (error: SqlError) =>
    report('E', {
      S: error.severity,
      V: error.severity,
      C: error.code,
      M: error.message,
      D: error.detail,
      H: error.hint,
      P: error.position === undefined ? undefined : String(error.position),
    }),
  notice: (notice: Notice) =>
    report('N', {
      S: notice.severity,
      V: notice.severity,
      C: notice.code,
      M: notice.message,
      D: notice.detail,
      H: notice.hint,
    }),
}

function report(type: 'E' | 'N', fields: Record<string, string | undefined>): Buffer {
  const parts = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [Buffer.from(key), text(value)],
  )
  return message(type, ...parts, Buffer.from([0]))
}
