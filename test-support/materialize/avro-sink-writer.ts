import { decimalBytes } from './decimals.ts'
import { unknownHere } from './errors.ts'
import type { Column } from './model.ts'
import { elementType, mapValueType, recordFields } from './nested-types.ts'
import { readList, readMap, readRecord, type Cell } from './text-forms.ts'

/** Avro's binary form of rows, from PostgreSQL's text of their cells and by the schema of their columns. */
export function avroRow(columns: Column[], row: Cell[]): Buffer {
  return Buffer.concat(columns.map((column, index) => avroCell(column, row[index] ?? null)))
}

/** Before and after an update, each of which may be missing. */
export function avroEnvelope(
  columns: Column[],
  before: Cell[] | null,
  after: Cell[] | null,
): Buffer {
  return Buffer.concat([before, after].map((row) => branch(row && avroRow(columns, row))))
}

/** Null is always a union's first branch. */
function branch(inner: Buffer | null): Buffer {
  return inner === null ? long(0n) : Buffer.concat([long(1n), inner])
}

function avroCell(column: Column, cell: Cell): Buffer {
  if (!column.nullable) return plain(column, cell ?? '')
  return branch(cell === null ? null : plain(column, cell))
}

function plain(column: Column, text: string): Buffer {
  const { type } = column
  const inner = (of: string, cell: Cell) => avroCell({ name: '', type: of, nullable: true }, cell)
  const element = elementType(type)
  if (element !== undefined) return blocks(readList(text).map((cell) => inner(element, cell)))
  const value = mapValueType(type)
  if (value !== undefined) {
    return blocks(
      readMap(text).map(([key, cell]) => Buffer.concat([string(key), inner(value, cell)])),
    )
  }
  const record = recordFields(type)
  if (record !== undefined) return avroRow(record, readRecord(text))
  const write = WRITERS[type]
  if (write === undefined) throw unknownHere(`how an Avro sink writes the type ${type}`)
  return write(text, column)
}

function blocks(items: Buffer[]): Buffer {
  const head = items.length === 0 ? [] : [long(BigInt(items.length))]
  return Buffer.concat([...head, ...items, long(0n)])
}

/** Zigzag, seven bits a byte, the lowest first. */
function long(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  const bytes: number[] = []
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    if (rest === 0n) return Buffer.from([...bytes, low])
    bytes.push(low | 0x80)
  }
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([long(BigInt(value.length)), value])
}

function string(value: string): Buffer {
  return bytes(Buffer.from(value, 'utf8'))
}

function unsigned(size: number): Writer {
  return (text) =>
    Buffer.from(
      BigInt(text)
        .toString(16)
        .padStart(size * 2, '0'),
      'hex',
    )
}

function float(text: string, size: 4 | 8): Buffer {
  const buffer = Buffer.alloc(size)
  if (size === 4) buffer.writeFloatLE(Number(text))
  else buffer.writeDoubleLE(Number(text))
  return buffer
}

const DAY_MS = 86_400_000
const WIDE_SCALE = 39
/** Bytes of a numeric's integer, with a scale and without. */
const WIDTH = 17
const WIDE = 33

function numeric(text: string, { scale }: Column): Buffer {
  const of = scale === undefined ? { scale: WIDE_SCALE, width: WIDE } : { scale, width: WIDTH }
  return bytes(decimalBytes(text, of))
}

function micros(text: string): bigint {
  const [, instant, fraction = ''] = /^(.*?)(?:\.(\d+))?(?:[+-]\d\d(?::?\d\d)?)?$/.exec(text)!
  return (
    BigInt(Date.parse(`${instant!.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))
  )
}

function timeMicros(text: string): bigint {
  const [, hours, minutes, seconds, fraction = ''] = /^(\d+):(\d+):(\d+)(?:\.(\d+))?$/.exec(text)!
  const whole = (BigInt(hours!) * 60n + BigInt(minutes!)) * 60n + BigInt(seconds!)
  return whole * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
}

/** Months, days and microseconds of `1 year 2 mons 3 days -04:05:06.7`. */
function interval(text: string): Buffer {
  const count = (unit: string) => Number(new RegExp(`(-?\\d+) ${unit}`).exec(text)?.[1] ?? 0)
  const [, sign, clock] = /([+-]?)(\d+:\d+:\d+(?:\.\d+)?)/.exec(text) ?? []
  const time = clock === undefined ? 0n : timeMicros(clock)
  const buffer = Buffer.alloc(16)
  buffer.writeInt32LE(count('years?') * 12 + count('mon(?:th)?s?'), 0)
  buffer.writeInt32LE(count('days?'), 4)
  buffer.writeBigInt64LE(sign === '-' ? -time : time, 8)
  return buffer
}

type Writer = (text: string, column: Column) => Buffer
const asLong: Writer = (text) => long(BigInt(text))

const WRITERS: Record<string, Writer | undefined> = {
  bool: (text) => Buffer.from([text === 't' ? 1 : 0]),
  int2: asLong,
  int4: asLong,
  int8: asLong,
  uint2: unsigned(2),
  uint4: unsigned(4),
  oid: unsigned(4),
  uint8: unsigned(8),
  float4: (text) => float(text, 4),
  float8: (text) => float(text, 8),
  numeric,
  date: (text) => long(BigInt(Date.parse(`${text}T00:00:00Z`) / DAY_MS)),
  time: (text) => long(timeMicros(text)),
  timestamp: (text) => long(micros(text)),
  timestamptz: (text) => long(micros(text)),
  interval,
  bytea: (text) => bytes(Buffer.from(text.slice(2), 'hex')),
  text: string,
  varchar: string,
  bpchar: string,
  jsonb: string,
  uuid: string,
  mz_timestamp: string,
  numrange: string,
}
