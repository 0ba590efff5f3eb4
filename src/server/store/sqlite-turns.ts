/** A queue for something one can have at a time. */
export interface Turns {
  take(): Promise<void>
  /** Ends a turn; the one who waited longest has the next. */
  pass(): void
}

export function createTurns(): Turns {
  const waiting: (() => void)[] = []
  let isTaken = false
  return {
    async take() {
      if (!isTaken) {
        isTaken = true
        return
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push(resolve)
      await promise
    },
    pass() {
      const next = waiting.shift()
      if (next) next()
      else isTaken = false
    },
  }
}
