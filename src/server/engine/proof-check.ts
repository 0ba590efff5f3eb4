import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { validateDpop } from './internals.ts'

/**
 * Verifies a DPoP proof (RFC 9449 section 4.3) outside the engine with the engine's own check, so that nonces given by
 * one are good for the other. Nothing is remembered: replaying the proof yields what only the key's holder can use.
 * @returns the key's thumbprint, or nothing when no proof was sent
 * @throws the engine's `invalid_dpop_proof` or `use_dpop_nonce`
 */
export async function checkProof(
  provider: Provider,
  { req, res, url, accessToken }: { req: IncomingMessage; res: ServerResponse; url: string; accessToken?: string },
): Promise<string | undefined> {
  if (req.headers.dpop === undefined) return undefined
  const context = {
    method: req.method,
    get: (name: string) => req.headers[name.toLowerCase()] ?? '',
    set: (name: string, value: string) => res.setHeader(name, value),
    oidc: { provider, route: 'edge', urlFor: () => url },
  } as unknown as KoaContextWithOIDC
  const proof = await validateDpop(provider, context, accessToken)
  return proof?.thumbprint
}
