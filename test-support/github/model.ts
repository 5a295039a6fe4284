/** What GitHub keeps of a repository, as far as issues and comments go. */

export interface Comment {
  id: number
  author: string
  body: string
  created_at: string
}

/** Issues and pull requests share their numbers, and comments of both are comments of issues. */
export interface Item {
  kind: 'issue' | 'pull request'
  number: number
  title: string
  body: string
  author: string
  state: 'open' | 'closed'
  state_reason: string | null
  locked: boolean
  comments: Comment[]
  created_at: string
}

type Right = 'read' | 'write'

/** Whose a token is, and what it may do. */
export interface Token {
  login: string
  issues?: Right
  pullRequests?: Right
}

/** A request as it came. */
export interface Seen {
  method: string
  /** Without the base path. */
  path: string
  body: Record<string, unknown>
  headers: Record<string, string | string[] | undefined>
  status: number
}

export interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

export class Repository {
  readonly items: Item[] = []
  issuesAreOn = true
  #ids = 1000

  add(of: Pick<Item, 'kind' | 'title' | 'body' | 'author'>): Item {
    const item: Item = {
      ...of,
      number: this.items.length + 1,
      state: 'open',
      state_reason: null,
      locked: false,
      comments: [],
      created_at: new Date().toISOString(),
    }
    this.items.push(item)
    return item
  }

  comment(item: Item, of: Pick<Comment, 'author' | 'body'>): Comment {
    const comment = { ...of, id: ++this.#ids, created_at: new Date().toISOString() }
    item.comments.push(comment)
    return comment
  }

  item(number: number): Item | undefined {
    return this.items.find((one) => one.number === number)
  }

  commentOf(id: number): { item: Item; comment: Comment } | undefined {
    for (const item of this.items) {
      const comment = item.comments.find((one) => one.id === id)
      if (comment) return { item, comment }
    }
    return undefined
  }
}
