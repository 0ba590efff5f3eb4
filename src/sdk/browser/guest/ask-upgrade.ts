import type { GuestUpgrade } from '../auth-state.ts'

const timeLimitMs = 10_000
const known: readonly string[] = ['none', 'pending', 'done', 'failed'] satisfies GuestUpgrade[]

/** Asks the issuer how far the news has got; undefined when it has no answer now. */
export async function askUpgrade(issuer: string, fetch: typeof globalThis.fetch): Promise<GuestUpgrade | undefined> {
  const response = await fetch(`${issuer}/me/upgrade`, { cache: 'no-store', signal: AbortSignal.timeout(timeLimitMs) })
  // An issuer without guests has nothing to tell.
  if (response.status === 404) return 'none'
  if (!response.ok) return undefined
  const { status } = await response.json()
  return known.includes(status) ? status : undefined
}
