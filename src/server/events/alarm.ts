/** Lets one loop sleep until somebody rings. A ring while it is awake is not lost. */
export function createAlarm() {
  let isRung = false
  let wakeUp: (() => void) | undefined

  function ring(): void {
    isRung = true
    wakeUp?.()
  }

  /** Waits for a ring, at most so many milliseconds. */
  async function sleep(mostMs: number): Promise<void> {
    if (!isRung) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wakeUp = resolve
      const timer = setTimeout(resolve, mostMs)
      await promise
      clearTimeout(timer)
    }
    isRung = false
  }

  return { ring, sleep }
}
