// Installs what package-lock.json names, once for each state of it, so that `npm start` and
// `npm test` each work alone on a fresh clone. Runs on the machine's own Node, whatever it is.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'node_modules', '.installed')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(process.platform + process.arch)
  .digest('hex')
const node = join(root, 'node_modules', '.bin', 'node')

const installed = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
if (!installed()) {
  console.log('Installing packages (npm ci)')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (done.status !== 0) process.exit(done.status ?? 1)
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''
  if (!version.startsWith('v24.')) {
    console.error(
      `The package "node" brings Node 24, which runs the action as the runner does; found ${version || 'none'}.\n` +
        'It is put in place by an install script: allow it (npm install-scripts approve node) and run again.',
    )
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}
