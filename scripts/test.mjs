// Everything that must hold, in the order in which a fault is cheapest to find. README's `npm test`
// and CI both run this; the last line says how much of it passed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
// First on the path: the Node 24 that the package "node" brings.
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
const scratch = mkdtempSync(join(tmpdir(), 'mka-test-'))
let passed = 0
let failed = 0

function check(name, run) {
  const begun = Date.now()
  const ok = run()
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`)
  if (ok) passed++
  else failed++
}

function succeeds(command, ...args) {
  return spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status === 0
}

/** Builds dist anew, elsewhere, and compares byte by byte, files too many and too few included. */
function distIsFresh() {
  const out = join(scratch, 'dist')
  const built = spawnSync(
    'ncc',
    ['build', 'src/index.ts', '--out', out, '--no-cache', '--quiet', '--license', 'licenses.txt'],
    { cwd: root, env, stdio: 'inherit' },
  )
  if (built.status !== 0) return false
  const names = (folder) => readdirSync(folder, { recursive: true }).map(String).sort()
  const committed = join(root, 'dist')
  const stale = [...new Set([...names(out), ...names(committed)])].filter((name) => {
    try {
      return !readFileSync(join(out, name)).equals(readFileSync(join(committed, name)))
    } catch {
      return true
    }
  })
  if (stale.length > 0) console.error(`Run npm run build and commit: ${stale.join(', ')}`)
  return stale.length === 0
}

try {
  check('types', () => succeeds('tsc', '--noEmit', '--project', 'tsconfig.tests.json'))
  check('lint', () => succeeds('eslint', '.'))
  check('format', () => succeeds('prettier', '--check', '--log-level=warn', '.'))
  check('dist is what src builds', distIsFresh)
  for (const page of ['readme', 'spec-schema', 'options', 'statements']) {
    check(`npm run ${page} has nothing to write`, () =>
      succeeds(join(bin, 'node'), join(root, 'scripts', `${page}.mjs`), '--check'),
    )
  }

  // Of the whole run alone: not everyone who runs one test file has Go.
  if (process.argv.length === 2) {
    check('the runner of the examples is there', () =>
      succeeds(join(bin, 'node'), join(root, 'test-support', 'act', 'build.ts')),
    )
  }
  const results = join(scratch, 'jest.json')
  succeeds(
    join(bin, 'node'),
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--json',
    `--outputFile=${results}`,
    ...process.argv.slice(2),
  )
  try {
    const jest = JSON.parse(readFileSync(results, 'utf8'))
    passed += jest.numPassedTests
    // A file that does not even load has no tests to count.
    failed += jest.numFailedTests + jest.numRuntimeErrorTestSuites
    const skipped = jest.numPendingTests + jest.numTodoTests
    if (skipped > 0) console.log(`${skipped} test(s) skipped; each said why above`)
    if (jest.numPassedTests === 0) failed++
  } catch (error) {
    console.error(`jest left no result: ${error.message}`)
    failed++
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.exitCode = failed === 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed`)
