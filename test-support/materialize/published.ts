/** A value that others see only as it was at the last publication, as Materialize's statistics are. */
export class Published<T> {
  private readonly read: () => T
  private readonly intervalMs: number
  private shown: T
  private at = Date.now()

  constructor(initial: T, read: () => T, intervalMs: number) {
    this.shown = initial
    this.read = read
    this.intervalMs = intervalMs
  }

  get(): T {
    if (Date.now() - this.at >= this.intervalMs) {
      this.shown = { ...this.read() }
      this.at = Date.now()
    }
    return this.shown
  }
}
