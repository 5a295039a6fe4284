import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The repository of a user of the examples, `acme/shop`, and what is installed on the runner. */
export interface Checkout {
  folder: string
  /** Commands that go before those of this machine. */
  commands: string
  /** Where the runner finds other repositories, as act's `owner/repo@ref=folder`. */
  repositories: string[]
  write(files: Record<string, string>): void
  /** A command of the runner's: the text of a program for Node. */
  command(name: string, program: string): void
  /** An action of somebody else's that need not do anything here. */
  idleAction(uses: string): void
  remove(): void
}

/** A Git repository with the given files, in a folder of its own. */
export function makeCheckout(files: Record<string, string>): Checkout {
  const home = mkdtempSync(join(tmpdir(), 'mka-act-'))
  const folder = join(home, 'shop')
  const commands = join(home, 'bin')
  const ours = join(home, 'action')
  for (const path of [folder, commands, ours]) mkdirSync(path)
  // Without what else lies in this repository: act packs the whole folder up.
  const { runs } = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    runs: { pre?: string; post?: string }
  }
  for (const path of ['action.yml', 'dist', runs.pre, runs.post]) {
    if (path !== undefined) cpSync(join(root, path), join(ours, path), { recursive: true })
  }
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' })
  const write = (texts: Record<string, string>): void => {
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  }
  git('init', '--quiet', '--initial-branch=main')
  git('remote', 'add', 'origin', 'https://github.com/acme/shop')
  write(files)
  git('add', '--all')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'All')
  const checkout: Checkout = {
    ...{ folder, commands, write },
    repositories: [`OWNER/REPO@v1=${ours}`],
    command: (name, program) => {
      writeFileSync(join(commands, `${name}.mjs`), program)
      const path = join(commands, name)
      writeFileSync(path, `#!/bin/sh\nexec node '${path}.mjs' "$@"\n`)
      chmodSync(path, 0o755)
    },
    idleAction: (uses) => {
      const idle = mkdtempSync(join(home, 'idle-'))
      const steps = "runs: { using: composite, steps: [{ run: 'true', shell: bash }] }\n"
      writeFileSync(join(idle, 'action.yml'), `name: idle\ndescription: idle\n${steps}`)
      checkout.repositories.push(`${uses}=${idle}`)
    },
    remove: () => {
      rmSync(home, { recursive: true, force: true })
    },
  }
  return checkout
}
