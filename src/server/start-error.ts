/** The server can't start, and the message says in words what to do about it. Shown alone, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
