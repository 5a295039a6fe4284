import type { FlowEnd } from './flows.ts'
import { oneLine } from './redact.ts'
import type { Mode } from './model.ts'
import type { ObjectReport, Report } from './report.ts'
import { signOf } from './summary-health.ts'

/** More are no picture any more, and too many lines are not drawn at all. */
const MOST_NODES = 30
const MOST_LETTERS = 60

interface Node {
  end: FlowEnd
  object?: ObjectReport
  next: Set<Node>
  before: Set<Node>
}

/** What flows where, as a Mermaid graph with a state to each source, table, view and sink. */
export function pictureOf(report: Report): string {
  const nodes = nodesOf(report)
  if (!nodes.some(({ object }) => object?.kind === 'source' || object?.kind === 'sink')) return ''
  const shown = worstFirst(nodes)
  const kept = nodes.filter((node) => shown.has(node))
  const places = kept.filter(({ end }) => end.kind !== 'topic').map(({ end }) => placeOf(end.name))
  const whole = new Set(places).size > 1
  const ids = new Map(kept.map((node, at) => [node, `n${String(at + 1)}`]))
  const lines = kept.map((node) => {
    const label = labelOf(node, { whole, mode: report.mode })
    const shape = node.end.kind === 'topic' ? `(["${label}"])` : `["${label}"]`
    return `  ${ids.get(node) ?? ''}${shape}`
  })
  const arrows = kept.flatMap((node) =>
    [...node.next]
      .filter((next) => ids.has(next))
      .map((next) => `  ${ids.get(node) ?? ''} --> ${ids.get(next) ?? ''}`),
  )
  const left = nodes.length - kept.length
  return [
    '```mermaid',
    'graph LR',
    ...lines,
    ...arrows,
    '```',
    ...(left > 0 ? ['', `Not in the picture: ${String(left)} more, none worse.`] : []),
  ].join('\n')
}

function nodesOf({ flows, objects }: Report): Node[] {
  const nodes = new Map<string, Node>()
  const states = new Map(objects.map((object) => [keyOf(object), object]))
  const node = (end: FlowEnd): Node => {
    const key = keyOf(end)
    const known = nodes.get(key)
    if (known) return known
    const object = states.get(key)
    const fresh = { end, ...(object && { object }), next: new Set<Node>(), before: new Set<Node>() }
    nodes.set(key, fresh)
    return fresh
  }
  for (const flow of flows) {
    const [from, to] = [node(flow.from), node(flow.to)]
    from.next.add(to)
    to.before.add(from)
  }
  // What flows from or to nothing that is known, such as a source that is missing.
  for (const { kind, name } of objects) {
    if (kind === 'source' || kind === 'sink') node({ kind, name })
  }
  return [...nodes.values()]
}

function keyOf(of: { kind: string; name: ObjectReport['name']; connection?: string }): string {
  const { database, schema, name } = of.name
  return JSON.stringify([of.kind, of.connection, database, schema, name])
}

const BADNESS = ['🔴', '🟡', '🔵', '⚪', '🟢']

/** As many as there is room for: those that are not well before others, each with its neighbours. */
function worstFirst(nodes: Node[]): Set<Node> {
  if (nodes.length <= MOST_NODES) return new Set(nodes)
  const rank = ({ object }: Node): number => (object ? BADNESS.indexOf(signOf(object)) : 9)
  const kept = new Set<Node>()
  for (const node of nodes.toSorted((a, b) => rank(a) - rank(b))) {
    for (const one of [node, ...node.before, ...node.next]) {
      if (kept.size < MOST_NODES) kept.add(one)
    }
  }
  return kept
}

function placeOf({ database, schema }: FlowEnd['name']): string {
  return JSON.stringify([database, schema])
}

function labelOf({ end, object }: Node, { whole, mode }: { whole: boolean; mode: Mode }): string {
  const { schema, name } = end.name
  const text = safe(whole && end.kind !== 'topic' ? `${schema}.${name}` : name)
  if (end.kind === 'topic' || !object) return `${text}<br>${end.kind}`
  const word = object.verdict === '' && mode === 'plan' ? object.action : object.verdict
  const sign = object.verdict === '' ? '' : `${signOf(object)} `
  return `${sign}${text}<br>${end.kind}${word === '' ? '' : `, ${word}`}`
}

/**
 * Text from strangers for a label: all but letters, digits and blanks becomes Mermaid’s code for a
 * character, which is put into the drawing as text when everything has been read.
 */
function safe(text: string): string {
  const letters = [...oneLine(text)]
  const short =
    letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS).join('')}…` : letters.join('')
  const coded = withoutMermaid(short).replace(
    /[^\p{L}\p{N} ]/gu,
    (letter) => `#${String(letter.codePointAt(0) ?? 0)};`,
  )
  return coded.trim() === '' ? '#32;' : coded
}

/**
 * What Mermaid looks for once more when the codes are text again: mathematics between `$$`, `\n` for
 * a new line, and the ligature with which it notes a code. A space of no width comes between.
 */
function withoutMermaid(text: string): string {
  return text
    .replace(/\$(?=\$)/g, '$\u200b')
    .replace(/\\(?=n)/g, '\\\u200b')
    .replaceAll('\ufb02', 'fl')
}
