import { accept, integer, refuse, type Parsed } from './parse.ts'

const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?'
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?$`)

const hostRule = 'a host name (ASCII; the xn-- form of others) or an IP address'

/** A host name or IPv4 address. Underscores are taken, since names of containers have them. */
export function parseHostName(text: string): Parsed<string> {
  return text.length <= 253 && HOST_NAME.test(text)
    ? accept(text)
    : refuse('has no usable host name', { allowed: hostRule, piece: text })
}

/** A host name, an IPv4 address, or an IPv6 address with or without brackets. */
export function parseHost(text: string): Parsed<string> {
  if (text.includes('://')) return refuse('is a URL', { allowed: hostRule })
  if (/^[^:[\]]*:[^:[\]]*$/.test(text)) return refuse('has a port in it', { allowed: hostRule })
  if (!/[:[\]]/.test(text)) return parseHostName(text)
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  try {
    // The URL parser knows every way of writing one, and gives each address one form.
    return accept(new URL(`http://[${bare}]`).hostname.slice(1, -1))
  } catch {
    return refuse('is not an IPv6 address', { allowed: hostRule })
  }
}

/** Whether the host is the runner itself by its spelling alone; names are not looked up. */
export function isLoopback(host: string): boolean {
  return (
    host.toLowerCase() === 'localhost' ||
    host === '::1' ||
    /^127\.(?:[0-9]{1,3}\.){2}[0-9]{1,3}$/.test(host)
  )
}

export const parsePort = integer({ from: 1, to: 65535 })
