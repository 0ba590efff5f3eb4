/** The last nonce of each server (RFC 9449 section 8). */
export interface Nonces {
  get(url: URL): string | undefined
  /** Keeps the nonce of an answer, if it has one; tells whether it is new. */
  remember(url: URL, response: Response): boolean
}

/** Makes an empty memory of nonces. */
export function createNonces(): Nonces {
  const byOrigin = new Map<string, string>()
  return {
    get: (url) => byOrigin.get(url.origin),
    remember(url, response) {
      const nonce = response.headers.get('DPoP-Nonce')
      if (!nonce || nonce === byOrigin.get(url.origin)) return false
      byOrigin.set(url.origin, nonce)
      return true
    },
  }
}
