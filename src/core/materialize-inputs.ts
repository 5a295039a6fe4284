import type { Given, Variable } from './given.ts'
import { isLoopback, parseHost, parsePort } from './hosts.ts'
import type { InputName } from './input-table.ts'
import type { MaterializeSettings, SslMode } from './model.ts'
import { parseIdentifier } from './names.ts'
import { parseCertificates, parseLine, parseText, type Parsed } from './parse.ts'
import { parsePostgresUrl, parseSslMode, type UrlParts } from './postgres-url.ts'

const DEFAULT_PORT = 6875
const DEFAULT_DATABASE = 'materialize'

/** How to reach Materialize: input, then URL, then MZ_* variable, then built-in. */
export function readMaterialize(given: Given): MaterializeSettings {
  const url = given.take('materialize-url', parsePostgresUrl)
  const part = partsOf(given, url ?? {})
  const host = part('host', { variable: 'MZ_HOST', parse: parseHost })
  const user = part('user', { variable: 'MZ_USER', parse: parseLine })
  const password = part('password', { variable: 'MZ_PASSWORD', parse: parseText })
  const settings: MaterializeSettings = {
    host: host ?? '',
    port: part('port', { variable: 'MZ_PORT', parse: parsePort }) ?? DEFAULT_PORT,
    user: user ?? '',
    ...(password !== undefined && { password }),
    database:
      part('database', { variable: 'MZ_DATABASE', parse: parseIdentifier }) ?? DEFAULT_DATABASE,
    ...readTls({ given, asked: part('sslmode', { parse: parseSslMode }), host: host ?? '' }),
  }
  // What an origin holds and was refused is wrong, not missing, and is recorded already.
  if (!given.isRefused('materialize-url')) {
    for (const name of ['host', 'user'] as const) {
      if (url?.[name] === undefined) needPart(given, name)
    }
  }
  if (password !== undefined && settings.sslmode === 'disable' && !isLoopback(settings.host)) {
    given.warnings.push(
      'materialize-sslmode is disable: the password and all data go over the network in clear text.',
    )
  }
  return settings
}

type Part = keyof UrlParts

interface Origin<T> {
  variable?: Variable
  parse: (text: string) => Parsed<T>
}

/** A reader for parts that may stand in an input of their own, in the URL or in a variable. */
function partsOf(given: Given, url: UrlParts) {
  return <P extends Part>(part: P, origin: Origin<NonNullable<UrlParts[P]>>) => {
    const name: InputName = `materialize-${part}`
    const input = given.take(name, origin.parse)
    const fromUrl = url[part]
    if (input !== undefined && fromUrl !== undefined && !agree(part, [input, fromUrl])) {
      const values =
        part === 'password'
          ? ''
          : ` (${given.show(String(input))} and ${given.show(String(fromUrl))})`
      given.refuse(
        [name, 'materialize-url'],
        `${name} and materialize-url disagree${values}; leave one of them out or make them agree`,
      )
    }
    if (input !== undefined) return input
    if (fromUrl !== undefined || origin.variable === undefined) return fromUrl
    const value = given.takeVariable(origin.variable, { for: name, parse: origin.parse })
    if (value !== undefined) given.notes.push(`${name} comes from ${origin.variable}.`)
    return value
  }
}

function agree(part: Part, values: [unknown, unknown]): boolean {
  const [input, fromUrl] = values.map(String)
  return part === 'host' ? input?.toLowerCase() === fromUrl?.toLowerCase() : input === fromUrl
}

/** Records a part that no input, variable or URL holds. */
function needPart(given: Given, part: 'host' | 'user'): void {
  const name: InputName = `materialize-${part}`
  const variable = part === 'host' ? 'MZ_HOST' : 'MZ_USER'
  if (given.has(name) || given.hasVariable(variable)) return
  given.refuse(
    [name, 'materialize-url'],
    `${name} is missing; give it, or materialize-url with it, or the environment variable ${variable}`,
  )
}

interface TlsFacts {
  given: Given
  /** What input or URL say. */
  asked: SslMode | undefined
  host: string
}

function readTls({ given, asked, host }: TlsFacts): Pick<MaterializeSettings, 'sslmode' | 'ca'> {
  const ca = given.take('materialize-ca', parseCertificates)
  // A certificate authority asks for TLS, on this machine too.
  const local = isLoopback(host) && !given.has('materialize-ca')
  const sslmode = asked ?? (local ? 'disable' : 'verify-full')
  if (asked === undefined && local) {
    given.notes.push(
      `materialize-sslmode is disable, since ${host} is this machine; elsewhere it is verify-full.`,
    )
  }
  if (asked === 'disable' && given.has('materialize-ca')) {
    given.refuse(
      ['materialize-ca', 'materialize-sslmode'],
      'materialize-ca has no use while materialize-sslmode is disable; leave one of them out',
    )
  }
  if (sslmode === 'no-verify') {
    given.warnings.push(
      'materialize-sslmode is no-verify: neither certificate nor name of the server is checked, so anyone in between can read the password.',
    )
  }
  return { sslmode, ...(ca !== undefined && { ca }) }
}
