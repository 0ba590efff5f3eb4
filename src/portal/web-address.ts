/** Whether an address leads to a page: never to a script, a file or another program. */
export function isWebAddress(address: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(address, 'https://portal.invalid').protocol)
  } catch {
    return false
  }
}
