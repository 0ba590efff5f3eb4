import { abortable } from '../../wire/abortable.ts'
import { type Call, within } from '../../wire/call.ts'
import { timeLimitMs } from '../../wire/send.ts'
import type { IssuerClient } from './issuer-client.ts'
import { type GrantRequest, requestTokens } from './request-tokens.ts'
import type { TokenCache } from './token-cache.ts'
import { sharedPart, type TokenSet } from './token-set.ts'

/** Tokens that several callers may use: one request for whoever asks for the same, and none while an earlier one is good. */
export interface SharedTokens {
  obtain(request: GrantRequest, call: Call): Promise<TokenSet>
}

/** What {@link createSharedTokens} needs. */
export interface SharedTokensDeps {
  client: IssuerClient
  cache: TokenCache
}

/** Makes what keeps tokens and joins requests. The refresh token goes to the caller whose request it came with. */
export function createSharedTokens({ client, cache }: SharedTokensDeps): SharedTokens {
  const flights = new Map<string, Promise<TokenSet>>()

  const start = (key: string, request: GrantRequest, { label, timeoutMs }: Call) => {
    // Others wait for it too: its first caller's signal and haste don't end it.
    const limits = { timeoutMs: Math.max(timeoutMs, timeLimitMs), ...(label !== undefined && { label }) }
    const flight = within('tokens', limits, (call) => requestTokens(request, call, client)).finally(() => {
      flights.delete(key)
    })
    flights.set(key, flight)
    return flight.then((tokens) => {
      cache.keep(key, tokens)
      return tokens
    })
  }

  return {
    async obtain(request, call) {
      const key = keyOf(request)
      const kept = cache.find(key)
      if (kept) return kept
      const underWay = flights.get(key)
      const tokens = await abortable(underWay ?? start(key, request, call), call.signal)
      return underWay ? sharedPart(tokens, tokens.expiresIn) : tokens
    },
  }
}

/** All that goes out, so that nobody gets what another person or scope was given; the order of a scope means nothing. */
export function keyOf({ fields: { scope, ...fields } }: GrantRequest): string {
  return JSON.stringify([Object.entries(fields), scope?.split(' ').sort()])
}
