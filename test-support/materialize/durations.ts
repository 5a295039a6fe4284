const UNITS: Record<string, number> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  second: 1000,
  seconds: 1000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
}

/** Reads `30s`, `1 min` or a bare number of milliseconds. */
export function parseDurationMs(text: string): number | undefined {
  const clock = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text.trim())
  if (clock !== null) {
    return (Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1000
  }
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  if (match === null) return undefined
  const factor = match[2] === '' ? 1 : UNITS[match[2]!.toLowerCase()]
  return factor === undefined ? undefined : Number(match[1]) * factor
}

/** The form a duration variable is shown in: the largest unit that divides it. */
export function showDuration(ms: number): string {
  if (ms === 0) return '0 s'
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
    ['ms', 1],
  ]
  const [unit, size] = units.find(([, factor]) => ms % factor === 0) ?? ['us', 0.001]
  return `${Math.round(ms / size)} ${unit}`
}
