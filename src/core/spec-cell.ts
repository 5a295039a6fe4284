import { isCollection, isMap, isScalar, type Scalar } from 'yaml'
import { exactDecimal } from './exact.ts'
import type { Cell } from './model-expectation.ts'
import type { Faults } from './spec-faults.ts'
import type { Place, Tree } from './spec-tree.ts'

/** Where a value of a row stands, and what messages call it. */
interface Subject extends Place {
  path: string
}

/**
 * A value of a row as text: a number to its last digit, a map or a list as JSON. What is at fault
 * reads as null, so that its row keeps its columns.
 */
export function cellOf(subject: Subject, of: { tree: Tree; faults: Faults }): { value: Cell } {
  const { node, at, path } = subject
  if (isCollection(node)) return { value: jsonOf(subject, of) }
  if (!isScalar(node) || (node.value === null && node.source === '')) {
    of.faults.add(at, `${path} has nothing here; write null, or '' for an empty text`)
    return { value: null }
  }
  if (node.value === null) return { value: null }
  const value = scalarText(node)
  if (value.includes('\0')) of.faults.add(at, `${path} holds a NUL, which no value can`)
  return { value }
}

/** YAML’s own spellings, such as 0x1f or .inf, in those of SQL; a decimal number as it is written. */
function scalarText(node: Scalar): string {
  const { value, source = String(value) } = node
  if (typeof value !== 'number') return String(value)
  return exactDecimal(source) === undefined ? String(value) : source
}

function jsonOf(subject: Subject, of: { tree: Tree; faults: Faults }): string {
  const { node, at, path } = subject
  if (isMap(node)) {
    const members = [...of.tree.members(node, path).values()].map(
      (member) => `${JSON.stringify(member.key)}:${jsonOf({ ...member, path }, of)}`,
    )
    return `{${members.join(',')}}`
  }
  if (isCollection(node)) {
    const items = node.items.map((item) => jsonOf({ ...of.tree.follow(item, at), path }, of))
    return `[${items.join(',')}]`
  }
  if (!isScalar(node) || node.value === null) return 'null'
  if (typeof node.value !== 'number') return JSON.stringify(node.value)
  const exact = exactDecimal(scalarText(node))
  if (exact === undefined) of.faults.add(at, `${path} has a number that JSON has not`)
  return exact ?? 'null'
}
