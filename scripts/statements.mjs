/**
 * Writes docs/statements.sql anew: the shapes of the statements that the action sends. Some are made
 * here, by its own makers of SQL from an example of each option; others are recorded while the bundle
 * runs against the test broker and the stand-in (test-support/statements/recorded.json). With --check
 * nothing is recorded and nothing is written: exits with 1 if the page is stale.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { RECORD_TO } from '../test-support/pipeline/recorded.ts'
import { page } from '../test-support/statements/page.ts'
import { unitsOf } from '../test-support/statements/recorded.ts'
import { sections } from '../test-support/statements/sections.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const kept = join(root, 'test-support', 'statements', 'recorded.json')
const target = join(root, 'docs', 'statements.sql')

/** Runs the one test that goes through all modes, and keeps what the bundle sent. */
async function record() {
  const folder = mkdtempSync(join(tmpdir(), 'mka-statements-'))
  const file = join(folder, 'recorded')
  writeFileSync(file, '')
  const { status } = spawnSync('npm', ['run', '-s', 'jest', '--', '__tests__/bundle/statements'], {
    cwd: root,
    env: { ...process.env, [RECORD_TO]: file },
    stdio: 'inherit',
  })
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  rmSync(folder, { recursive: true })
  if (status !== 0) throw new Error('the runs to be recorded failed')
  const units = unitsOf(lines.map((line) => JSON.parse(line)))
  const style = await resolveConfig(kept)
  writeFileSync(kept, await format(JSON.stringify(units), { ...style, filepath: kept }))
}

const isCheck = process.argv.includes('--check')
if (!isCheck) await record()
const fresh = page(sections(JSON.parse(readFileSync(kept, 'utf8'))))
if (!isCheck) {
  writeFileSync(target, fresh)
} else if (readFileSync(target, 'utf8') !== fresh) {
  console.error('docs/statements.sql is stale: run npm run statements')
  process.exitCode = 1
}
