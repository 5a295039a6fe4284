import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const pom = fileURLToPath(new URL('./pom.xml', import.meta.url))

/** Brokers of Kafka 4 are compiled for it. */
const oldestJava = 17

/** What is to be run on the Java of a Kafka: the main class, its arguments, and the JVM's own. */
export interface JavaProgram {
  mainClass: string
  jvmOptions: string[]
  args: string[]
  /** The only directory that the program reads and writes. */
  directory: string
}

export interface CommandLine {
  file: string
  args: string[]
  /** Sends a signal to the program; `null` when the operating system's own kill does. */
  signalCommand: ((signal: 'KILL' | 'TERM' | 'STOP' | 'CONT') => string[]) | null
}

export interface KafkaDistribution {
  version: string
  commandLine(program: JavaProgram): CommandLine
}

/** Finds a Kafka that can run here, fetching it on the first call on a machine. */
export async function resolveKafka(): Promise<KafkaDistribution> {
  const project = await readFile(pom, 'utf8')
  const version = /<kafka\.version>(.+?)</.exec(project)?.[1]
  if (version === undefined) throw new Error(`${pom} names no kafka.version`)

  const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java'
  const javaVersion = await majorVersionOf(java)
  const jars = cacheDirectory(version, project)
  if (javaVersion >= oldestJava) {
    if (existsSync(jars)) return onThisMachine({ java, jars, version })
    if (await answers('mvn', ['--version'])) {
      await fetchJars(jars)
      return onThisMachine({ java, jars, version })
    }
  }
  if (await answers('docker', ['info'])) return inContainer(version)

  const found = javaVersion === 0 ? 'no Java' : `Java ${javaVersion}`
  throw new Error(
    `The tests run a real Apache Kafka ${version}: they need Java ${oldestJava} or newer with Maven, ` +
      `or a running Docker. Found ${found}, no usable Docker` +
      (javaVersion >= oldestJava ? ' and no Maven.' : '.') +
      ' On Debian or Ubuntu: apt-get install openjdk-17-jre-headless maven',
  )
}

function onThisMachine(at: { java: string; jars: string; version: string }): KafkaDistribution {
  return {
    version: at.version,
    commandLine: ({ mainClass, jvmOptions, args }) => ({
      file: at.java,
      args: [...jvmOptions, '-cp', join(at.jars, '*'), mainClass, ...args],
      signalCommand: null,
    }),
  }
}

/**
 * UNTESTED HERE: written on a machine without a Docker daemon. The host's network and the same
 * path inside as outside let every other file stay ignorant of the container.
 */
function inContainer(version: string): KafkaDistribution {
  const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
  return {
    version,
    commandLine: ({ mainClass, jvmOptions, args, directory }) => {
      const name = `test-kafka-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`
      return {
        file: 'docker',
        args: [
          ...['run', '--rm', '--name', name, '--network', 'host', '--user', owner],
          ...['--volume', `${directory}:${directory}`, '--entrypoint', 'java'],
          `apache/kafka:${version}`,
          ...[...jvmOptions, '-cp', '/opt/kafka/libs/*', mainClass, ...args],
        ],
        // A signal to the docker client stops the client, not the broker.
        signalCommand: (signal) => ['docker', 'kill', '--signal', signal, name],
      }
    },
  }
}

/** The project file is in the name, so that a changed dependency is never served from old jars. */
function cacheDirectory(version: string, project: string): string {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const fingerprint = createHash('sha256').update(project).digest('hex').slice(0, 8)
  return join(caches, 'materialize-kafka-action', `kafka-${version}-${fingerprint}`)
}

/** The last step is a rename, so that a directory of that name is always whole. */
async function fetchJars(jars: string): Promise<void> {
  await mkdir(dirname(jars), { recursive: true })
  const partial = await mkdtemp(`${jars}.partial-`)
  try {
    await run('mvn', [
      ...['-q', '-B', '-ntp', '-f', pom, 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${partial}`],
    ]).catch((error: Error & { stdout?: string }) => {
      throw new Error(`Maven could not fetch Kafka:\n${error.stdout ?? error.message}`)
    })
    await rename(partial, jars).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its jars are as good as these.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** 0 when there is no Java that answers. */
async function majorVersionOf(java: string): Promise<number> {
  const answer = await run(java, ['-version']).catch(() => null)
  return Number(/version "(\d+)/.exec(answer?.stderr ?? '')?.[1] ?? 0)
}

async function answers(file: string, args: string[]): Promise<boolean> {
  return run(file, args).then(
    () => true,
    () => false,
  )
}
