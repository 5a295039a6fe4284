import { duration } from './duration.ts'
import type { Given } from './given.ts'
import type { InputName } from './input-table.ts'
import { CANARY_WAYS, type CanaryAsked, type ProduceAsked } from './model-canary.ts'
import type { Mode } from './model.ts'
import { parseTopic } from './names.ts'
import { choice, integer } from './parse.ts'
import { parseRecords } from './produce-records.ts'

/** What is to be sent. @param text the records, where the input was readable. */
export function readProduce(
  given: Given,
  of: { mode: Mode; text: string | undefined },
): ProduceAsked | undefined {
  const topic = given.take('produce-topic', parseTopic)
  refuseElsewhere(given, ['produce', 'produce-topic'], { mode: of.mode, modes: ['provision'] })
  const isWell = given.has('produce-topic') && !given.isRefused('produce-topic')
  if (isWell && !given.has('produce')) {
    given.refuse(
      ['produce-topic', 'produce'],
      'produce-topic has no use without produce; give produce or leave it out',
    )
  }
  if (of.text === undefined) return undefined
  const read = parseRecords(of.text, (name) => given.show(name))
  if ('records' in read) return { records: read.records, ...(topic !== undefined && { topic }) }
  given.refuse(['produce'], `produce: ${read.faults.join('; ')}`)
  return undefined
}

export function readCanary(given: Given, of: { mode: Mode; named: boolean }): CanaryAsked {
  const { mode } = of
  const way = given.take('canary', choice(CANARY_WAYS))
  const count = given.take('canary-count', integer({ from: 1, to: 100 })) ?? 1
  const maxLatencyMs = given.take('max-latency', duration({ from: 1, to: 3_600_000 }))
  refuseElsewhere(given, ['canary'], { mode, modes: ['provision', 'verify', 'rotate'] })
  if (of.named && way !== undefined && way !== 'none') {
    given.refuse(
      ['canary'],
      'canary needs the inputs for one pipeline or a spec; names alone do not say how records are read',
    )
  }
  return {
    ...(way !== undefined && way !== 'none' && { way }),
    count,
    ...(maxLatencyMs !== undefined && { maxLatencyMs }),
  }
}

function refuseElsewhere(
  given: Given,
  names: InputName[],
  { mode, modes }: { mode: Mode; modes: Mode[] },
): void {
  if (modes.includes(mode) || given.isRefused('mode')) return
  for (const name of names.filter((one) => given.isChosen(one))) {
    given.refuse([name, 'mode'], `${name} can only be given with mode ${modes.join(' or ')}`)
  }
}
