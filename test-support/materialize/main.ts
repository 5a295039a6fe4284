import { startMaterialize, type StandInOptions } from './stand-in.ts'

/**
 * The stand-in as a process of its own: `node test-support/materialize/main.ts ['{"auth":"scram",…}']`. It
 * prints one line of JSON with its address and ends with its standard input or on SIGTERM.
 */
const given = JSON.parse(process.argv[2] ?? '{}') as Omit<StandInOptions, 'engine'> & {
  /** How long a failing connection check takes. Materialize takes ten seconds, tests should not. */
  validationTimeoutMs?: number
}
const { validationTimeoutMs, ...options } = given
const { createKafkaEngine } = await import('./kafka/engine.ts')
const engine = createKafkaEngine(validationTimeoutMs === undefined ? {} : { validationTimeoutMs })
const standIn = await startMaterialize({ ...options, engine })
process.stdout.write(
  `${JSON.stringify({ host: standIn.host, port: standIn.port, ports: standIn.ports })}\n`,
)

let stopping = false
const stop = () => {
  if (stopping) return
  stopping = true
  // A broker that no longer answers must not keep the process alive.
  setTimeout(() => process.exit(0), 3000).unref()
  void standIn.stop().finally(() => process.exit(0))
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.stdin.on('end', stop)
process.stdin.on('close', stop)
process.stdin.resume()
