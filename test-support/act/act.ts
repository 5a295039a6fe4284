import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The first version that knows `using: node24` is older; Go's checksum database holds it. */
const VERSION = 'v0.2.89'

/**
 * Path of nektos/act, which runs workflows as GitHub's runner does. It is built by Go on the first
 * call on a machine and kept beside the cached Kafka.
 */
export async function resolveAct(): Promise<string> {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const folder = join(caches, 'materialize-kafka-action', `act-${VERSION}`)
  const act = join(folder, 'act')
  if (existsSync(act)) return act
  await run('go', ['version']).catch(() => {
    throw new Error(
      'The examples are run by nektos/act, which is built with Go 1.21 or newer: none was found. ' +
        'On Debian or Ubuntu: apt-get install golang',
    )
  })
  await mkdir(dirname(folder), { recursive: true })
  const partial = await mkdtemp(`${folder}.partial-`)
  try {
    await run('go', ['install', `github.com/nektos/act@${VERSION}`], {
      // `go install` refuses to cross-compile into GOBIN, and no flag of the machine's should count.
      env: { ...process.env, GOBIN: partial, GOFLAGS: '' },
    }).catch((error: Error & { stderr?: string }) => {
      throw new Error(`Go could not build act:\n${error.stderr ?? error.message}`)
    })
    await rename(partial, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its act is as good as this.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return act
}
