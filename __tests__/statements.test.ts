import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from '../test-support/materialize/parser.ts'
import { statementsOn } from '../test-support/statements/page.ts'
import { Sheet, shapeOf, steady } from '../test-support/statements/shape.ts'

/** docs/statements.sql; bundle/statements.test.ts holds it against what the bundle sends. */

const root = new URL('../', import.meta.url)
const page = readFileSync(new URL('docs/statements.sql', root), 'utf8')
const listed = statementsOn(page)

test('the list is what the script writes', () => {
  const script = new URL('scripts/statements.mjs', root).pathname
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

test('no secret is in it, and every value that psql is asked for has a line', () => {
  expect(listed.filter((text) => /SECRET .* AS '/.test(text))).toEqual([])
  const asked = new Set([...page.matchAll(/:'(\w+)'/g)].map(([, name]) => name))
  const given = [...page.matchAll(/^\\set (\w+) '/gm)].map(([, name]) => name)
  expect([...asked].sort()).toEqual(given)
})

test('every line is one statement that Materialize’s grammar knows', () => {
  expect(listed.length).toBeGreaterThan(300)
  for (const text of listed) expect(parse(text.replace(/:('\w+')/g, '$1'))).toHaveLength(1)
})

test('a shape comes again only where something needs what it makes, or as a frame', () => {
  const shapes = listed.map(shapeOf)
  const again = listed.filter((_, at) => shapes.indexOf(shapes[at] ?? '') < at)
  const others = again.filter((text) => !/^(CREATE|DROP|BEGIN|FETCH|ROLLBACK|COMMIT)/.test(text))
  expect(others).toEqual([])
})

/** The beginnings of the statements that a file writes out, up to their first value. */
function beginningsIn(source: string): string[] {
  const words = '(?:SELECT|SHOW|DECLARE|FETCH|VALIDATE|SUBSCRIBE) '
  const texts = source.matchAll(
    new RegExp(`\`(${words}[^\`$]*)|'(${words}[^']*)'|"(${words}[^"]*)"`, 'g'),
  )
  return [...texts].map(([, ...kinds]) => kinds.find((one) => one !== undefined) ?? '')
}

/** What needs more than the recorded runs have: rules that an administrator adds. */
const NOT_RECORDED = [
  "SELECT id, schema_id, name FROM mz_catalog.mz_objects WHERE type = 'connection' AND name IN ",
]

test('whatever src reads with is on it', () => {
  const files = readdirSync(new URL('src/', root)).filter((name) => name.endsWith('.ts'))
  const beginnings = files.flatMap((name) =>
    beginningsIn(readFileSync(new URL(`src/${name}`, root), 'utf8')),
  )
  expect(beginnings.length).toBeGreaterThan(20)
  const missing = beginnings.filter((one) => !listed.some((text) => text.startsWith(one)))
  expect(missing).toEqual(NOT_RECORDED)
})

describe('the shape of a statement', () => {
  test.each([
    ['names and values', `ALTER SINK "a"."b" OWNER TO "c'""d"`, 'ALTER SINK "…"."…" OWNER TO "…"'],
    ['lists', "x IN ('a', 'it''s') LIMIT 10", "x IN ('…') LIMIT 0"],
    ['an empty list', 'x IN (NULL)', "x IN ('…')"],
    ['what psql is given', "BROKERS (:'broker', :'broker2')", "BROKERS ('…')"],
  ])('is without %s', (_, text, shape) => {
    expect(shapeOf(text)).toBe(shape)
  })

  test('ids and times are the same in every file', () => {
    const text = "a IN ('u7', 's12') AND t >= '2026-11-23T17:54:03.858Z'::timestamptz"
    expect(steady(text)).toBe("a IN ('u1') AND t >= '2026-01-01T00:00:00.000Z'::timestamptz")
  })
})

describe('a list', () => {
  const secret = 'CREATE SECRET "a" AS 1'
  const connection = 'CREATE CONNECTION "c" (SECRET "a")'

  test('has what a new statement needs, though its shape is there', () => {
    const sheet = new Sheet()
    sheet.take(['CREATE SECRET "z" AS 1'])
    sheet.take([secret, connection])
    expect(sheet.texts).toEqual(['CREATE SECRET "z" AS 1', secret, connection])
  })

  test('has nothing twice', () => {
    const sheet = new Sheet()
    sheet.take([secret, connection])
    sheet.take([secret, connection.replace('"c"', '"d"')])
    expect(sheet.texts).toEqual([secret, connection])
  })

  test('counts what was rolled back as not made', () => {
    const sheet = new Sheet()
    sheet.takeUnit(['BEGIN', secret, 'ROLLBACK'])
    sheet.take([secret, connection])
    expect(sheet.texts.slice(3)).toEqual([secret, connection])
  })
})
