/** More password checks are waiting than the server will take on; the caller answers "busy", and nothing was checked. */
export class PasswordQueueFull extends Error {
  override readonly name = 'PasswordQueueFull'
  constructor() {
    super('too many passwords are being checked')
  }
}

/** Runs a few jobs at once, lets a bounded number wait in order, and refuses the rest at once. */
export function createBoundedQueue({ concurrency, maxQueued }: { concurrency: number; maxQueued: number }) {
  const waiting: (() => void)[] = []
  let running = 0

  async function run<T>(job: () => Promise<T>): Promise<T> {
    if (running < concurrency) running++
    else await inLine()
    try {
      return await job()
    } finally {
      // A place is handed to the next in line rather than freed, so that nobody slips in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }

  function inLine(): Promise<void> {
    if (waiting.length >= maxQueued) throw new PasswordQueueFull()
    return new Promise((resolve) => {
      waiting.push(resolve)
    })
  }

  return { run, running: () => running, queued: () => waiting.length }
}
