/** Says what is wrong with an address of an issuer or an app, as the rest of a sentence; undefined when nothing is. */
export function addressProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) {
    return 'must be an absolute address, for example "https://shop.example/callback"'
  }
  const url = new URL(value)
  if (!isSecureAddress(url)) return 'must be https, or http on localhost'
  if (url.hash) return 'must not have a fragment'
  return url.username || url.password ? 'must not hold a user name or password' : undefined
}

/** Says what is wrong with the name of an issuer (RFC 8414 section 2), as the rest of a sentence. */
export function issuerProblem(value: unknown): string | undefined {
  const problem = addressProblem(value)
  if (problem) return problem
  const issuer = String(value)
  if (new URL(issuer).search) return 'must not have a query'
  // Compared character for character with what the issuer says of itself, so a slash too many must not pass.
  return issuer.endsWith('/') ? 'must not end with a slash' : undefined
}

/** Tells whether an address is https, or http on this computer. */
export function isSecureAddress(url: URL): boolean {
  if (url.protocol === 'https:') return true
  const { hostname } = url
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost')
  return url.protocol === 'http:' && (isLocal || hostname === '127.0.0.1' || hostname === '[::1]')
}
