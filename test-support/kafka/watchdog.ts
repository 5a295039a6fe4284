import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'

/**
 * A shell that outlives its parent by a moment. However the parent ends, also by SIGKILL, the pipe
 * closes; the shell then runs the last line that it was given and removes the directory.
 */
const script = [
  'while IFS= read -r line; do last=$line; done',
  'eval "$last"',
  // A dying broker may still be writing into a directory that is being emptied.
  'for attempt in 1 2 3; do rm -rf "$1" && break; sleep 1; done',
].join('\n')

export interface Watchdog {
  pid: number
  /** The command that ends what is running now; `:` when nothing is. */
  onDeath(command: string): void
  /** Lets the shell do its work now, and waits for it. */
  release(): Promise<void>
}

export function startWatchdog(directory: string): Watchdog {
  // A session of its own, so that Ctrl-C reaches the parent and not the one that cleans up.
  const shell = spawn('/bin/sh', ['-c', script, 'watchdog', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const exit = once(shell, 'exit')
  shell.stdin.on('error', () => {})
  // Nobody is to stay alive for it: to end without stopping Kafka is to have it stopped.
  shell.unref()
  ;(shell.stdin as unknown as Socket).unref()

  return {
    pid: shell.pid!,
    onDeath: (command) => shell.stdin.write(`${command}\n`),
    release: async () => {
      shell.ref()
      shell.stdin.end()
      await exit
    },
  }
}
