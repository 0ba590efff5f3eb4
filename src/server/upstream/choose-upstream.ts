import { decodeJwt } from 'jose'
import { providerNameOf } from './state.ts'
import type { CodeUpstream, ExchangeUpstream, Upstreams } from './upstreams.ts'

/**
 * The provider an app means that has sent somebody there itself: by name, else by a state of the form `{name}--{random}`,
 * else the first one.
 */
export function chooseByState(
  { withCode }: Upstreams,
  { provider, state = '' }: { provider?: string | undefined; state?: string | undefined },
): CodeUpstream | undefined {
  if (provider !== undefined) return withCode.get(provider)
  const [first] = withCode.values()
  return withCode.get(providerNameOf(state) ?? '') ?? first
}

/** The provider of a token: by name, else by the issuer it claims, which is checked afterwards. */
export function chooseByToken(
  { withExchange }: Upstreams,
  { provider, token }: { provider?: string | undefined; token: string },
): ExchangeUpstream | undefined {
  if (provider !== undefined) return withExchange.get(provider)
  const issuer = claimedIssuer(token)
  return [...withExchange.values()].find(({ config }) => config.issuer === issuer)
}

function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}
