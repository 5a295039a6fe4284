export interface StatusEvent {
  at: Date
  id: string
  of: 'source' | 'sink'
  status: string
  error: string | null
  details: string | null
  replicaId: string | null
}

/** What sources and sinks have reported, in order. */
export class Statuses {
  private readonly events: StatusEvent[] = []
  private readonly latest = new Map<string, StatusEvent>()
  private readonly lagMs: number

  /** Materialize's status relations trail what they tell of by seconds; here by as much as is asked for. */
  constructor(lagMs: number) {
    this.lagMs = lagMs
  }

  private isVisible(event: StatusEvent): boolean {
    return event.at.getTime() + this.lagMs <= Date.now()
  }

  history(of: 'source' | 'sink'): StatusEvent[] {
    return this.events.filter((event) => event.of === of && this.isVisible(event))
  }

  current(id: string): StatusEvent | undefined {
    if (!this.latest.has(id)) return undefined
    return this.events.findLast((event) => event.id === id && this.isVisible(event))
  }

  record(
    subject: { id: string; of: 'source' | 'sink' },
    report: { status: string; error?: string; hints?: string[]; replicaId?: string },
  ): void {
    const { id, of } = subject
    const message = report.error?.replace(/^kafka: /, '')
    const last = this.latest.get(id)
    const error = message === undefined ? null : `kafka: ${message}`
    // A status that says nothing new makes no new line in the history.
    if (last?.status === report.status && last.error === error) return
    const event: StatusEvent = {
      at: new Date(Math.max(Date.now(), (last?.at.getTime() ?? 0) + 1)),
      id,
      of,
      status: report.status,
      error,
      details: details(message, report.hints),
      replicaId: report.replicaId ?? null,
    }
    this.events.push(event)
    this.latest.set(id, event)
  }

  forget(id: string): void {
    this.latest.delete(id)
  }
}

function details(message: string | undefined, hints: string[] | undefined): string | null {
  const found: Record<string, unknown> = {}
  if (hints !== undefined && hints.length > 0) found['hints'] = hints
  if (message !== undefined) found['namespaced'] = { kafka: message }
  return Object.keys(found).length === 0 ? null : JSON.stringify(found)
}
