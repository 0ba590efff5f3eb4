import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { validateDpop } from './internals.ts'

/** A verified DPoP proof (RFC 9449 section 4.3). */
export interface Proof {
  /** Of the key (RFC 7638). */
  thumbprint: string
  jti: string
}

/**
 * Verifies a DPoP proof outside the engine with the engine's own check, so that nonces given by one are good for the
 * other. Nothing is remembered: whoever can be harmed by a replay spends its `jti`.
 * @returns nothing when no proof was sent
 * @throws the engine's `invalid_dpop_proof` or `use_dpop_nonce`
 */
export async function checkProof(
  provider: Provider,
  { req, res, url, accessToken }: { req: IncomingMessage; res: ServerResponse; url: string; accessToken?: string },
): Promise<Proof | undefined> {
  if (req.headers.dpop === undefined) return undefined
  const context = {
    method: req.method,
    get: (name: string) => req.headers[name.toLowerCase()] ?? '',
    set: (name: string, value: string) => res.setHeader(name, value),
    oidc: { provider, route: 'edge', urlFor: () => url },
  } as unknown as KoaContextWithOIDC
  return validateDpop(provider, context, accessToken)
}
