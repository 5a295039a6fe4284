import { parseHost, parsePort } from './hosts.ts'
import { SSL_MODES, type SslMode } from './model.ts'
import { MAX_NAME_BYTES, parseIdentifier } from './names.ts'
import { accept, alternatives, choice, refuse, type Parsed } from './parse.ts'

/** What a URL says of Materialize, percent-decoded; what it leaves open is absent. */
export interface UrlParts {
  user?: string
  password?: string
  host?: string
  port?: number
  database?: string
  sslmode?: SslMode
}

const allowed = `postgres://user:password@host:6875/database?sslmode=…, with sslmode ${alternatives(SSL_MODES)}`

/** Parameters whose names are safe to repeat: anything else in a URL may be a piece of a password. */
const KNOWN_PARAMETERS = [
  'application_name',
  'channel_binding',
  'cluster',
  'connect_timeout',
  'dbname',
  'host',
  'hostaddr',
  'options',
  'password',
  'port',
  'search_path',
  'ssl',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'target_session_attrs',
  'uselibpqcompat',
  'user',
]

/** libpq’s words for a TLS that checks little or nothing. */
const LIBPQ_ONLY = ['allow', 'prefer', 'require', 'verify-ca']

const LIBPQ_FAULT =
  'a word of libpq for less than a full check; write verify-full, which checks certificate and name'

/** The sslmode of an input of its own. */
export function parseSslMode(text: string): Parsed<SslMode> {
  return LIBPQ_ONLY.includes(text)
    ? refuse(`is ${LIBPQ_FAULT}`, { allowed: alternatives(SSL_MODES) })
    : choice(SSL_MODES)(text)
}

/** Reads a connection URL. Its refusals hold no part of user, password, host or database. */
export function parsePostgresUrl(text: string): Parsed<UrlParts> {
  const wrong = (fault: string) => refuse(fault, { allowed })
  if (/[\s\0-\u001f]/.test(text)) return wrong('has a blank or line break in it')
  const scheme = /^postgres(?:ql)?:\/\//i.exec(text)
  if (!scheme) return wrong('does not begin with postgres:// or postgresql://')
  const rest = text.slice(scheme[0].length)
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const tail = end === -1 ? '' : rest.slice(end)
  if (tail.includes('@')) {
    return wrong('has an @ after the host; in a password write / ? # @ as %2F %3F %23 %40')
  }
  if (tail.includes('#')) return wrong('has a # in it, which is written %23')
  const [path = '', query = ''] = splitOnce(tail, '?')
  const server = parseAuthority(authority)
  if ('refusal' in server) return server
  const database = parseDatabase(path)
  if ('refusal' in database) return database
  const sslmode = parseQuery(query)
  if ('refusal' in sslmode) return sslmode
  return accept({ ...server.value, ...database.value, ...sslmode.value })
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}

/** `user:password@host:port`, every part of it optional. */
function parseAuthority(authority: string): Parsed<UrlParts> {
  const wrong = (fault: string) => refuse(fault, { allowed })
  const at = authority.lastIndexOf('@')
  const login = at === -1 ? '' : authority.slice(0, at)
  const address = authority.slice(at + 1)
  const [userText = '', passwordText = ''] = splitOnce(login, ':')
  const user = decode(userText)
  const password = decode(passwordText)
  if (user === undefined || password === undefined) return wrong(badPercent)
  if (`${user}${password}`.includes('\0')) return wrong('holds a NUL')
  const [, hostText = '', portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(address) ?? []
  if (hostText === '' && address !== '') return wrong('has no usable host')
  const host = hostText === '' ? undefined : parseHost(hostText)
  if (host && 'refusal' in host) return wrong('has no usable host')
  const port = portText === undefined ? undefined : parsePort(portText)
  if (port && 'refusal' in port) return wrong('has no usable port')
  return accept({
    ...(user !== '' && { user }),
    ...(password !== '' && { password }),
    ...(host && { host: host.value }),
    ...(port && { port: port.value }),
  })
}

const badPercent = 'has a % that begins no percent-encoded UTF-8 character; write % itself as %25'

function parseDatabase(path: string): Parsed<UrlParts> {
  const encoded = path.slice(1)
  if (encoded === '') return accept({})
  if (encoded.includes('/')) {
    return refuse('has a second / after the host, which in a name is written %2F', { allowed })
  }
  const database = decode(encoded)
  if (database === undefined) return refuse(badPercent, { allowed })
  return 'refusal' in parseIdentifier(database)
    ? refuse(`has a database name of more than ${MAX_NAME_BYTES} bytes or with a NUL`, { allowed })
    : accept({ database })
}

function parseQuery(query: string): Parsed<UrlParts> {
  const parameters = [...new URLSearchParams(query)]
  const stranger = parameters.find(([name]) => name !== 'sslmode')
  if (stranger) {
    const [name] = stranger
    return refuse(
      KNOWN_PARAMETERS.includes(name)
        ? `has the parameter ${name}; sslmode is the only one it takes`
        : 'has a parameter other than sslmode, the only one it takes',
      { allowed },
    )
  }
  const [first, second] = parameters
  if (second) return refuse('has sslmode twice', { allowed })
  if (!first) return accept({})
  const [, word] = first
  const sslmode = SSL_MODES.find((mode) => mode === word)
  if (sslmode !== undefined) return accept({ sslmode })
  const fault = LIBPQ_ONLY.includes(word)
    ? `has sslmode ${word}, ${LIBPQ_FAULT}`
    : 'has an sslmode that it does not know'
  return refuse(fault, { allowed: alternatives(SSL_MODES) })
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/**
 * Whatever could be a password in a text that is or resembles a URL, as it stands and
 * percent-decoded. Meant for masking before anything is checked: it rather gives too much than
 * leaves one out, and knows malformed URLs too, where a password holds the characters @ / ? #.
 */
export function passwordsIn(text: string): string[] {
  const body = text.replace(/^\s*[A-Za-z][A-Za-z0-9+.-]*:\/\//, '')
  const ends = [
    body.indexOf('@'),
    body.lastIndexOf('@'),
    body.split(/[/?#]/, 1).join('').lastIndexOf('@'),
  ]
  const found = ends
    .filter((end) => end !== -1)
    .map((end) => splitOnce(body.slice(0, end), ':')[1] ?? '')
  for (const [, password = ''] of text.matchAll(/:\/\/[^\s:@/]*:([^\s@]*)@/g)) found.push(password)
  for (const [, password = ''] of text.matchAll(/[?&](?:ssl)?password=([^\s&#]*)/gi)) {
    found.push(password)
  }
  const decoded = found.map(decode).filter((password) => password !== undefined)
  return [...new Set([...found, ...decoded])].filter((password) => password !== '')
}
