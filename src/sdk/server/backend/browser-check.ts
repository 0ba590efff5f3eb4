import { AuthError } from '../../wire/auth-error.ts'

const message =
  'createBackend holds a client secret and does not run in a browser, where everybody could read it. Use it in your ' +
  'server; on a page, use createAuth of @portico/sdk.'

/**
 * Refuses to hold a secret in a page, a browser's worker or a phone's app.
 *
 * @throws {AuthError} `in-browser`.
 */
export function checkNotInBrowser(): void {
  if (isPage() || isWorker() || isPhone()) throw new AuthError('in-browser', { action: 'fix-configuration', message })
}

/** Other runtimes may have a `window`, and none of them a document in it. */
function isPage(): boolean {
  return typeof window !== 'undefined' && typeof window.document !== 'undefined'
}

function isWorker(): boolean {
  return 'importScripts' in globalThis
}

function isPhone(): boolean {
  return typeof navigator !== 'undefined' && (navigator as { product?: string }).product === 'ReactNative'
}
