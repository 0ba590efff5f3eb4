/** Too many tries have failed: this one was not made, and counts nowhere. */
export class SignInPaused extends Error {
  override readonly name = 'SignInPaused'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super('signing in is paused')
    this.retryAfterSeconds = retryAfterSeconds
  }
}
