/** There have been too many of this: one more was not done, and counts nowhere. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super('a limit is reached')
    this.retryAfterSeconds = retryAfterSeconds
  }
}
