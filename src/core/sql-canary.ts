import { MEMBER, type SentColumn } from './canary-shape.ts'
import type { QualifiedName } from './model-object.ts'
import { hex, ident, literal, qualified, statement, type Statement } from './sql.ts'

/**
 * Changes of a relation from now on, of the rows alone that hold one of these texts; and word of how
 * far time has gone on, of which the first shows that it has begun.
 */
export function subscribeTo(
  relation: QualifiedName,
  telling: Pick<SentColumn, 'name' | 'kind'>,
  texts: readonly string[],
): Statement {
  const column = ident(telling.name)
  const held = telling.kind === 'json' ? `${column}->>${literal(MEMBER)}` : column
  const list = texts.map((text) =>
    telling.kind === 'bytes' ? `'\\x${hex(text)}'::bytea` : literal(text),
  )
  return statement(
    `DECLARE c CURSOR FOR SUBSCRIBE (SELECT * FROM ${qualified(relation)} WHERE ${held} IN (${list.join(', ')})) WITH (SNAPSHOT = false, PROGRESS = true)`,
  )
}

/** Texts in keys of canaries that begin so, of rows that are there; of a key of bytes, in hex. */
export function keysBeginning(
  relation: QualifiedName,
  key: Pick<SentColumn, 'name' | 'kind'>,
  prefix: string,
): Statement {
  const column = ident(key.name)
  const held =
    key.kind === 'json'
      ? `${column}->>${literal(MEMBER)}`
      : key.kind === 'bytes'
        ? `encode(${column}, 'hex')`
        : column
  const begin = key.kind === 'bytes' ? hex(prefix) : prefix
  return statement(
    `SELECT ${held} FROM ${qualified(relation)} WHERE ${held} LIKE ${literal(`${begin}%`)}`,
  )
}

/** What canaries of a repository have left: objects by how their names begin. */
export function objectsBeginning(prefix: string): Statement {
  return statement(
    `SELECT id, schema_id, name, type FROM mz_catalog.mz_objects WHERE name LIKE ${literal(`${prefix}%`)} AND type IN ('source', 'sink')`,
  )
}
