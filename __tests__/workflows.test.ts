import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'

/** What is asked of every workflow here, and of every one that we show to others. */

interface Step {
  uses?: string
  run?: string
  with?: Record<string, unknown>
}

interface Job {
  permissions?: unknown
  'timeout-minutes'?: number
  steps?: Step[]
  uses?: string
}

interface Workflow {
  on?: unknown
  permissions?: unknown
  concurrency?: unknown
  jobs: Record<string, Job>
}

const root = new URL('..', import.meta.url).pathname
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** A full commit, or the digest of an image. */
const PINNED = /^(?:[\w.-]+\/[\w./-]+@[0-9a-f]{40}|docker:\/\/\S+@sha256:[0-9a-f]{64})$/
/** This action itself, in this checkout or as others write it. */
const OURS = /^(?:\.\/|\.$|OWNER\/REPO@)/

/** `uses` with what stands behind it, which YAML takes for a comment. */
function usesFaults(text: string): string[] {
  const lines = text.matchAll(/^[\s-]*(?:[{,]\s*)?["']?uses["']?:\s*["']?([^\s"',}]+)["']?(.*)$/gm)
  return [...lines].flatMap(([, uses = '', rest = '']) => {
    if (OURS.test(uses)) return []
    if (!PINNED.test(uses)) return [`${uses} is not pinned by a full commit`]
    return /#\s*v\d+(\.\d+)+\s*$/.test(rest) ? [] : [`${uses} has no comment with its version`]
  })
}

function permissionsFaults({ permissions, jobs }: Workflow): string[] {
  const faults: string[] = []
  if (permissions === undefined) faults.push('the workflow has no permissions')
  const top = typeof permissions === 'object' ? Object.values(permissions ?? {}) : [permissions]
  if (top.some((one) => typeof one === 'string' && one.startsWith('write'))) {
    faults.push('every job may write')
  }
  for (const [name, job] of Object.entries(jobs)) {
    if (job.permissions === 'write-all') faults.push(`${name} may write everything`)
  }
  return faults
}

/** An expression in a script is put into its text before the shell reads it: `env` is not. */
function scriptFaults(steps: Step[]): string[] {
  return steps.flatMap((step) =>
    [step.run, step.with?.['script']]
      .filter((script) => typeof script === 'string' && script.includes('${{'))
      .map((script) => `an expression in a script: ${String(script).trim()}`),
  )
}

function hasEvent(on: unknown, event: string): boolean {
  if (typeof on === 'string') return on === event
  return Array.isArray(on) ? on.includes(event) : event in ((on as object | null) ?? {})
}

/** What is wrong with a workflow, or with some of its steps alone. */
function faultsOf(text: string): string[] {
  const parsed = parse(text) as Workflow | Step[] | null
  if (Array.isArray(parsed)) return [...usesFaults(text), ...scriptFaults(parsed)]
  if (!parsed?.jobs) return ['it has no jobs']
  const steps = Object.values(parsed.jobs).flatMap((job) => job.steps ?? [])
  return [
    ...usesFaults(text),
    ...permissionsFaults(parsed),
    ...scriptFaults(steps),
    // It gives secrets to code of strangers as soon as a step checks that out.
    ...(hasEvent(parsed.on, 'pull_request_target') ? ['it runs on pull_request_target'] : []),
  ]
}

/** What we ask of our own beside that. */
function habitsMissing({ jobs, concurrency }: Workflow): string[] {
  const faults = concurrency === undefined ? ['no concurrency'] : []
  for (const [name, job] of Object.entries(jobs)) {
    if (job['timeout-minutes'] === undefined) faults.push(`${name} has no timeout-minutes`)
    for (const step of job.steps ?? []) {
      const keeps = step.with?.['persist-credentials'] !== false
      if (step.uses?.startsWith('actions/checkout@') && keeps) {
        faults.push(`${name} leaves its token in the checkout`)
      }
    }
  }
  return faults
}

const files = (folder: string) => {
  try {
    return readdirSync(join(root, folder), { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((name) => /\.ya?ml$/.test(name))
  } catch {
    return []
  }
}

const own = files('.github/workflows')
/** Beside workflows there are specs. */
const examples = files('examples').filter((file) => /^jobs:/m.test(read(file)))
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']
  .concat(readdirSync(join(root, 'docs')).map((name) => join('docs', name)))
  .filter((name) => name.endsWith('.md'))
const shown = pages.flatMap((page) =>
  [...read(page).matchAll(/```ya?ml\n([^]*?)```/g)]
    .map(([, text = '']) => text)
    .filter((text) => /\buses:/.test(text))
    .map((text, at): [string, string] => [`${page}, example ${String(at + 1)}`, text]),
)
const all: [string, string][] = [
  ...own.concat(examples).map((file): [string, string] => [file, read(file)]),
  ...shown,
]

test('there are workflows to look at, and examples in README', () => {
  expect(own).toEqual(
    expect.arrayContaining(
      ['ci', 'codeql', 'release', 'workflow-lint'].map((name) => `.github/workflows/${name}.yml`),
    ),
  )
  expect(shown.length).toBeGreaterThan(2)
  expect(examples.length).toBeGreaterThan(4)
})

/** What each example may do at most, beside reading the code: GitHub's token is worth no more. */
test.each(examples)('%s is in the table of examples, with what it may do', (file) => {
  const { jobs, permissions } = parse(read(file)) as Workflow
  const rights = [permissions, ...Object.values(jobs).map((job) => job.permissions)]
    .flatMap((one) => Object.entries(one ?? {}))
    .map(([name, right]) => `\`${name}: ${String(right)}\``)
  const name = file.replace(/^examples\//, '')
  const row = read('examples/README.md')
    .split('\n')
    .find((line) => line.startsWith(`| [${name}](${name})`))
  const cells = row?.split('|').map((cell) => cell.trim()) ?? []
  expect(cells[4]).toBe([...new Set(rights)].join(', '))
  const { on } = parse(read(file)) as Workflow
  const events = typeof on === 'string' ? [on] : Object.keys(on as object)
  expect(cells[3]).toBe(events.map((event) => `\`${event}\``).join(', '))
})

test.each(all)('%s is pinned, asks for little and puts nothing into scripts', (_name, text) => {
  expect(faultsOf(text)).toEqual([])
})

test.each(own.concat(examples))('%s ends in time and keeps no token', (file) => {
  expect(habitsMissing(parse(read(file)) as Workflow)).toEqual([])
})

test('one action has one version in all workflows', () => {
  const versions = new Map<string, Set<string>>()
  for (const [, text] of all) {
    for (const [, owner = '', commit = ''] of text.matchAll(
      /uses:\s*([\w.-]+\/[\w.-]+)\S*?@([0-9a-f]{40})/g,
    )) {
      versions.set(owner, (versions.get(owner) ?? new Set()).add(commit))
    }
  }
  expect(versions.size).toBeGreaterThan(2)
  for (const [owner, commits] of versions) expect([owner, commits.size]).toEqual([owner, 1])
})

const sha = '0123456789abcdef0123456789abcdef01234567'
const workflow = (step: string, head = 'permissions: {}') =>
  `on: push\n${head}\njobs:\n  a:\n    steps:\n      - ${step}\n`

describe('these checks', () => {
  test.each([
    ['a tag', workflow('uses: actions/checkout@v5')],
    ['a branch', workflow('uses: actions/checkout@main # v5.0.0')],
    ['a short commit', workflow('uses: actions/checkout@08c6903 # v5.0.0')],
    ['a commit without its version', workflow(`uses: actions/checkout@${sha}`)],
    ['an image by tag', workflow('uses: docker://alpine:3')],
    ['a tag in braces', workflow('{ uses: actions/checkout@v5 }')],
    ['a tag in quotes', workflow('"uses": "actions/checkout@v5"')],
    ['no permissions', workflow('run: "true"', '')],
    ['permissions for all to write', workflow('run: "true"', 'permissions: write-all')],
    ['a right to write for all', workflow('run: "true"', 'permissions: { contents: write }')],
    ['an event in a script', workflow('run: echo ${{ github.event.issue.title }}')],
    ['an output in a script', workflow('run: echo "${{ steps.pipeline.outputs.rows }}"')],
    ['an event in a JavaScript', workflow('{ with: { script: "f(${{ github.head_ref }})" } }')],
    ['steps alone with a tag', '- uses: actions/checkout@v5\n'],
    ['steps alone with an event', '- run: echo ${{ github.event.issue.title }}\n'],
    ['code of strangers', workflow('run: "true"').replace('on: push', 'on: pull_request_target')],
    ['no jobs', 'on: push\n'],
  ])('refuse %s', (_what, text) => {
    expect(faultsOf(text)).toHaveLength(1)
  })

  test.each([
    ['a full commit', workflow(`uses: github/codeql-action/init@${sha} # v4.38.0`)],
    ['an image by digest', workflow(`uses: docker://alpine@sha256:${'a'.repeat(64)} # v3.22`)],
    ['this action', workflow('uses: OWNER/REPO@v1 # better: the full commit SHA of a release')],
    ['this checkout', workflow('uses: ./')],
    ['a variable in a script', workflow('run: jq . <<<"$ROWS"')],
  ])('let %s pass', (_what, text) => {
    expect(faultsOf(text)).toEqual([])
  })

  test('see what habits are missing', () => {
    const text = workflow(`uses: actions/checkout@${sha} # v5.0.0`)
    expect(habitsMissing(parse(text) as Workflow)).toHaveLength(3)
  })
})

describe('the notes of a release', () => {
  const changelog =
    '# Changelog\n\n## [Unreleased]\n\n- later\n\n## [1.2.0] - 2026-11-23\n\n- now\n\n## [1.1.0]\n\n\n[1.2.0]: https://example.com\n'

  function notes(tag: string, text = changelog) {
    const folder = mkdtempSync(join(tmpdir(), 'mka-release-'))
    try {
      writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.0" }')
      writeFileSync(join(folder, 'CHANGELOG.md'), text)
      return spawnSync(process.execPath, [join(root, 'scripts', 'release-notes.mjs'), tag], {
        encoding: 'utf8',
        env: { ...process.env, RELEASE_ROOT: folder },
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('are what the changelog says of its version', () => {
    const { status, stdout } = notes('v1.2.0')
    expect([status, stdout]).toEqual([0, '- now\n'])
  })

  test.each([
    ['another tag than package.json says', 'v1.1.0', changelog, /The tag is v1\.1\.0/],
    ['no tag', '', changelog, /The tag is/],
    ['no section', 'v1.2.0', '## [Unreleased]\n\n- x\n', /no section \[1\.2\.0\]/],
    ['an empty section', 'v1.2.0', '## [1.2.0]\n\n[1.2.0]: https://x\n', /says nothing of 1\.2\.0/],
  ])('refuse %s', (...[, tag, text, words]) => {
    const { status, stderr } = notes(tag, text)
    expect(status).toBe(1)
    expect(stderr).toMatch(words)
  })
})
