import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Of Apicurio Registry: 3.3 is half as much again to download, and wants a newer Java than Kafka does. */
const VERSION = '3.0.9'
const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`
const JAR = `apicurio-registry-app-${VERSION}-runner.jar`

/** Path of the program, fetched by Maven on the first call on a machine. */
export async function resolveRegistry(): Promise<string> {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const directory = join(caches, 'materialize-kafka-action', `apicurio-registry-${VERSION}`)
  if (!existsSync(directory)) await fetchInto(directory)
  return join(directory, JAR)
}

/** The last step is a rename, so that a directory of that name is always whole. */
async function fetchInto(directory: string): Promise<void> {
  await mkdir(dirname(directory), { recursive: true })
  const partial = await mkdtemp(`${directory}.partial-`)
  try {
    await run(
      'mvn',
      [
        ...['-q', '-B', '-ntp', 'dependency:unpack'],
        ...[`-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${partial}`],
      ],
      { cwd: partial },
    ).catch((error: Error & { stdout?: string }) => {
      throw new Error(
        `Maven could not fetch the schema registry:\n${error.stdout ?? error.message}`,
      )
    })
    await rename(partial, directory).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its files are as good as these.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}
