import { SSL_MODES } from './model.ts'
import type { InputRow } from './input-row.ts'

export const MATERIALIZE_ROWS = [
  {
    name: 'materialize-url',
    group: 'materialize',
    type: 'secret',
    secret: true,
    otherwise: 'the inputs for its parts, or MZ_* variables',
    description:
      'postgres://user:password@host:6875/database?sslmode=verify-full, or part of that. User, password and database are percent-encoded; sslmode is the only parameter. A part that is given as an input too must agree.',
  },
  {
    name: 'materialize-host',
    group: 'materialize',
    type: 'host',
    otherwise: 'that of materialize-url, or MZ_HOST; one of them is needed',
    description: 'Host name or IP address.',
  },
  {
    name: 'materialize-port',
    group: 'materialize',
    type: 'whole number',
    otherwise: 'that of materialize-url, or MZ_PORT, or 6875',
    description: 'Port for SQL.',
  },
  {
    name: 'materialize-user',
    group: 'materialize',
    type: 'text',
    otherwise: 'that of materialize-url, or MZ_USER; one of them is needed',
    description: 'Role to log in as; in Materialize Cloud an email address or a service account.',
  },
  {
    name: 'materialize-password',
    group: 'materialize',
    type: 'secret',
    secret: true,
    otherwise: 'that of materialize-url, or MZ_PASSWORD, or none',
    description:
      'Password; in Materialize Cloud an app password. One line break at its end is dropped, nothing else is.',
  },
  {
    name: 'materialize-database',
    group: 'materialize',
    type: 'literal name',
    otherwise: 'that of materialize-url, or MZ_DATABASE, or materialize',
    description: 'Database to work in.',
  },
  {
    name: 'materialize-sslmode',
    group: 'materialize',
    type: 'word',
    choices: SSL_MODES,
    otherwise:
      'that of materialize-url, or verify-full; disable for localhost, ::1 and 127.0.0.0/8 unless materialize-ca is given',
    description:
      'TLS with certificate and name checked, no TLS, or TLS with nothing checked (warned of). A service container without TLS needs disable.',
  },
  {
    name: 'materialize-ca',
    group: 'materialize',
    type: 'PEM text',
    otherwise: 'the public authorities that Node knows',
    description: 'Certificate authority to trust.',
  },
  {
    name: 'cluster',
    group: 'materialize',
    type: 'literal name',
    otherwise: 'the role’s default cluster',
    description: 'Cluster that runs source and sink and answers queries. It must exist.',
  },
  {
    name: 'schema',
    group: 'materialize',
    type: 'literal name',
    default: 'public',
    description: 'Schema for names that have none of their own. It must exist.',
  },
] as const satisfies readonly InputRow[]
