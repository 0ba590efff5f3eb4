import { takeRequest } from './pending-request.ts'
import { UpstreamRefused } from './refused.ts'
import { tradeCode } from './trade-code.ts'
import type { UpstreamSignIn } from './upstream-sign-in.ts'
import type { CodeUpstream, Upstreams } from './upstreams.ts'

/**
 * Takes a provider's answer to a request of ours, once.
 * @throws {UpstreamRefused}
 */
export async function finishAuthorization(
  upstreams: Upstreams,
  upstream: CodeUpstream,
  { interactionId, answer }: { interactionId: string; answer: URLSearchParams },
): Promise<UpstreamSignIn> {
  const state = answer.get('state') ?? ''
  const request = await takeRequest(upstreams, { state, provider: upstream.config.name, interactionId })
  if (!request) throw new UpstreamRefused('upstream-expired', 'no request waits for this answer')
  return tradeCode(upstream, { address: new URL(`${upstream.redirectUri}?${answer}`), state, ...request })
}
