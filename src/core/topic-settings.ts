const WHOLE = /^[-+]?\d+$/
const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i
const BOOLEAN = /^(true|false)$/i

/**
 * Whether a value as somebody writes it is the one that Kafka shows. Kafka reads settings and shows
 * what it understood: without blanks around a value or around the commas of a list, each item of a
 * list once, numbers and booleans in one spelling. The order of a list counts.
 */
export function isSameSetting(asked: string, shown: string): boolean {
  const [a, b] = [evened(asked), evened(shown)]
  if (a === b) return true
  if (WHOLE.test(a) && WHOLE.test(b)) return integer(a) === integer(b)
  return DECIMAL.test(a) && DECIMAL.test(b) && Number(a) === Number(b)
}

function evened(value: string): string {
  const trimmed = value.trim()
  if (BOOLEAN.test(trimmed)) return trimmed.toLowerCase()
  return [...new Set(trimmed.split(',').map((part) => part.trim()))].join(',')
}

/** Beyond 2^53, where numbers of JavaScript no longer tell neighbours apart. */
function integer(text: string): bigint {
  return BigInt(text.replace(/^\+/, ''))
}
