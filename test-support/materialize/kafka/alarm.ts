/** A pause that ends early when rung: by a stop, by work that arrived. */
export class Alarm {
  private end: (() => void) | undefined

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.ring(), Math.max(0, ms))
      this.end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  ring(): void {
    this.end?.()
    this.end = undefined
  }
}
