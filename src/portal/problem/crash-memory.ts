/**
 * Remembers, for this tab, that the script failed on its pages. The next load leaves them as the server drew them:
 * plain forms that work, instead of the same failure again (a page translator that moves nodes is enough to cause one).
 */
const key = 'portico-crashed'

export function hasCrashed(): boolean {
  try {
    return sessionStorage.getItem(key) !== null
  } catch {
    return false
  }
}

export function rememberCrash(): void {
  try {
    sessionStorage.setItem(key, '1')
  } catch {
    // Storage is switched off: reloading may fail again, and nothing can be done about that here.
  }
}
