import type { Keeping, QualifiedName } from './model-object.ts'

export const SOURCE_FORMATS = ['bytes', 'text', 'json'] as const
export type SourceFormat = (typeof SOURCE_FORMATS)[number]

export interface SourceSpec extends Keeping {
  name: QualifiedName
  connection: QualifiedName
  topic: string
  format: SourceFormat
  /** Undefined: the role's default cluster. */
  cluster?: string
}
