import type { Right } from './acl.ts'
import type { QualifiedName } from './model-object.ts'

/** A rule to be added, or that was, for the user of a connection. */
export interface AclStep {
  connection: QualifiedName
  /** With OWN_ID in its name until the connection’s id is known. */
  right: Right
  principal: string
}
