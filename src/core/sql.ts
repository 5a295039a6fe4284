/** One statement: what is sent, and what may be shown of it. */
export interface Statement {
  text: string
  shown: string
}
