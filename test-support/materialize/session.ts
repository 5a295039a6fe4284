import type { Scope } from './catalog.ts'
import type { CursorSource } from './cursors.ts'
import type { Environment } from './environment.ts'
import type { Notice } from './errors.ts'
import type { Role } from './model.ts'
import { Rights } from './privileges.ts'
import { MZ_VERSION, Variables } from './session-variables.ts'
import type { Parsed } from './statements.ts'

export type TransactionKind = 'none' | 'read' | 'write' | 'ddl' | 'single'

export interface Transaction {
  explicit: boolean
  failed: boolean
  kind: TransactionKind
  /** Begun so, by BEGIN READ ONLY. */
  readOnly: boolean
  /** INSERTs that run at COMMIT. */
  writes: string[]
  /** The one statement that runs at COMMIT. */
  single: Parsed | undefined
  /** Prepared changes of a DDL transaction, made at COMMIT. */
  changes: (() => Promise<void>)[]
  /** Names that those changes will take. */
  taken: Set<string>
  /** The catalog's version when the first of them was planned. */
  version: number | undefined
  cursors: Map<string, CursorSource>
}

export function newTransaction(explicit: boolean): Transaction {
  return {
    explicit,
    failed: false,
    kind: 'none',
    readOnly: false,
    writes: [],
    single: undefined,
    changes: [],
    taken: new Set(),
    version: undefined,
    cursors: new Map(),
  }
}

let nextConnection = 1

/** One client's state between statements. */
export class Session {
  readonly environment: Environment
  readonly role: Role
  readonly variables: Variables
  readonly processId = nextConnection++
  readonly secretKey = Math.floor(Math.random() * 0x7fffffff)
  readonly onNotice: (notice: Notice) => void
  transaction: Transaction | undefined
  /** Aborted by a CancelRequest; a new one for every statement. */
  cancel = new AbortController()

  constructor(environment: Environment, role: Role, onNotice: (notice: Notice) => void) {
    this.environment = environment
    this.role = role
    this.onNotice = onNotice
    this.variables = new Variables(environment.catalog.systemVariables)
  }

  get rights(): Rights {
    return new Rights(this.environment.catalog, this.role)
  }

  get scope(): Scope {
    return {
      database: this.variables.get('database'),
      searchPath: this.variables
        .get('search_path')
        .split(',')
        .map((name) => name.trim()),
    }
  }

  get signal(): AbortSignal {
    return this.cancel.signal
  }

  notice(notice: Omit<Notice, 'severity'> & { severity?: Notice['severity'] }): void {
    this.onNotice({ severity: 'NOTICE', ...notice })
  }

  /** Answers of the functions that tell of the session. */
  settings(): Record<string, string> {
    const { catalog } = this.environment
    const found = this.scope.searchPath.find(
      (name) => catalog.findSchema({ parts: [name] }, this.scope) !== undefined,
    )
    return {
      current_user: this.role.name,
      session_user: this.role.name,
      current_database: this.variables.get('database'),
      current_schema: found ?? '',
      mz_environment_id: catalog.environmentId,
      mz_version: MZ_VERSION,
      version: `PostgreSQL 9.5.0 on x86_64-unknown-linux-gnu (Materialize ${MZ_VERSION})`,
      mz_is_superuser: this.role.isSuperuser ? 't' : 'f',
    }
  }

  status(): 'I' | 'T' | 'E' {
    if (this.transaction === undefined || !this.transaction.explicit) return 'I'
    return this.transaction.failed ? 'E' : 'T'
  }

  endTransaction(): void {
    for (const cursor of this.transaction?.cursors.values() ?? []) cursor.close()
    this.transaction = undefined
  }
}
