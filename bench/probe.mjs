import { readFileSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

// Loaded before a program that is measured (NODE_OPTIONS=--import). It counts what the program sends
// over Postgres’ protocol where it is still plain text, so that a server with TLS can be counted too,
// and writes at the end what it saw to the file that BENCH_PROBE names.

const STARTUP = 196_608
const DDL = /^(CREATE|ALTER|COMMENT|GRANT|VALIDATE|COMMIT)\b/
const seen = { sessions: 0, statements: 0, ddl: 0, madeMs: 0 }
const sessions = new WeakSet()
/** Sessions whose last statement makes or changes something and is not answered yet. */
const making = new WeakSet()

const write = Socket.prototype.write
Socket.prototype.write = function (chunk, ...rest) {
  if (Buffer.isBuffer(chunk)) {
    if (sessions.has(this)) count(this, chunk)
    else if (isStartup(chunk)) begin(this)
  }
  return write.call(this, chunk, ...rest)
}

/** Kafka’s first request could look alike, but its length leaves itself out. */
function isStartup(chunk) {
  return (
    chunk.length > 8 && chunk.readInt32BE(0) === chunk.length && chunk.readInt32BE(4) === STARTUP
  )
}

function begin(socket) {
  sessions.add(socket)
  seen.sessions++
  socket.on('data', () => {
    if (!making.delete(socket)) return
    seen.madeMs = performance.now()
  })
}

/** Each Query, and each Sync of the extended protocol, is one wait for the server. */
function count(socket, chunk) {
  for (let at = 0; at + 5 <= chunk.length; at += 1 + chunk.readInt32BE(at + 1)) {
    const type = String.fromCharCode(chunk[at])
    if (type !== 'Q' && type !== 'S') continue
    seen.statements++
    if (type !== 'Q' || !DDL.test(chunk.toString('latin1', at + 5, at + 25))) continue
    seen.ddl++
    making.add(socket)
  }
}

process.on('exit', () => {
  const file = process.env.BENCH_PROBE
  if (file) writeFileSync(file, JSON.stringify({ ...seen, peakBytes: peakBytes() }))
})

/** Of this program alone: getrusage would count its parent’s memory from before exec. */
function peakBytes() {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return Number(kilobytes) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}
