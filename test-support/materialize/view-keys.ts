import { tokenize, type Token } from './lexer.ts'
import type { RelationItem } from './model.ts'

const CLAUSES = [
  'from',
  'where',
  'group',
  'having',
  'order',
  'limit',
  'offset',
  'union',
  'except',
  'intersect',
]
const AGGREGATES =
  /^(count|sum|min|max|avg|array_agg|string_agg|jsonb_agg|jsonb_object_agg|bool_and|bool_or|list_agg)$/

/**
 * Unique keys of a view, in the plain cases: GROUP BY columns that are selected, DISTINCT, one aggregate row,
 * and columns taken over from one relation. Anything cleverer is not seen, as a sink without NOT ENFORCED
 * will tell.
 */
export function viewKeys(
  sql: string,
  columns: string[],
  from: RelationItem | undefined,
): string[][] {
  const tokens = tokenize(sql).filter((token) => token.kind !== 'end')
  if (tokens[0]?.value !== 'select') return []
  const clauses = topLevel(tokens)
  if (['union', 'except', 'intersect', 'limit', 'having'].some((word) => clauses.has(word))) {
    if (!clauses.has('having')) return []
  }
  const selected = split(clauses.get('select') ?? [])
  if (selected[0]?.[0]?.value === 'distinct') return [columns]
  const group = clauses.get('group')
  if (group !== undefined) return groupKeys(split(group.slice(1)), selected, columns)
  const aggregates = selected.some((tokensOf) =>
    tokensOf.some((token, at) => AGGREGATES.test(token.value) && tokensOf[at + 1]?.value === '('),
  )
  if (aggregates) return [[]]
  return inherited(selected, clauses.get('from') ?? [], from)
}

function topLevel(tokens: Token[]): Map<string, Token[]> {
  const clauses = new Map<string, Token[]>([['select', []]])
  let depth = 0
  let current = clauses.get('select')!
  for (const token of tokens.slice(1)) {
    if (token.value === '(') depth++
    if (token.value === ')') depth--
    if (depth === 0 && token.kind === 'word' && CLAUSES.includes(token.value)) {
      current = []
      clauses.set(token.value, current)
    } else current.push(token)
  }
  return clauses
}

function split(tokens: Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.value === '(') depth++
    if (token.value === ')') depth--
    if (token.value === ',' && depth === 0) parts.push([])
    else parts.at(-1)!.push(token)
  }
  return parts
}

function groupKeys(group: Token[][], selected: Token[][], columns: string[]): string[][] {
  const key = group.map((part) => {
    if (part.length === 1 && part[0]!.kind === 'number') return columns[Number(part[0]!.value) - 1]
    const text = textOf(part)
    const at = selected.findIndex((one) => textOf(expression(one)) === text || alias(one) === text)
    return columns[at]
  })
  return key.every((name) => name !== undefined) ? [key] : []
}

function textOf(tokens: Token[]): string {
  return tokens.map((token) => token.value).join(' ')
}

function expression(tokens: Token[]): Token[] {
  const as = tokens.findLastIndex((token) => token.kind === 'word' && token.value === 'as')
  return as === -1 ? tokens : tokens.slice(0, as)
}

function alias(tokens: Token[]): string | undefined {
  return tokens.at(-2)?.value === 'as' ? tokens.at(-1)!.value : undefined
}

function inherited(
  selected: Token[][],
  from: Token[],
  relation: RelationItem | undefined,
): string[][] {
  if (relation === undefined || from.some((token) => [',', 'join'].includes(token.value))) return []
  if (selected.length === 1 && textOf(selected[0]!) === '*') return relation.keys
  const kept = new Set(selected.filter((one) => one.length === 1).map((one) => one[0]!.value))
  return relation.keys.filter((key) => key.every((name) => kept.has(name)))
}
