import type { GuestUpgrade } from '../auth-state.ts'
import type { BrowserEnvironment } from '../environment.ts'

/** What {@link pollUpgrade} needs. */
export interface PollDeps {
  issuer: string
  fetch: typeof globalThis.fetch
  env: Pick<BrowserEnvironment, 'exclusively' | 'isHidden'>
  prefix: string
  /** Whether somebody still wants to know. */
  isWanted(): boolean
  /** Takes the issuer's answer; undefined when it has none now. */
  onAnswer(status: GuestUpgrade | undefined): Promise<void>
  /** Resolves when the page comes back to life. */
  wake(): Promise<void>
}

const firstPauseMs = 200
const growth = 1.6
const longestPauseMs = 15_000
const timeLimitMs = 10_000
const known: readonly string[] = ['none', 'pending', 'done', 'failed'] satisfies GuestUpgrade[]

/** Asks the issuer at growing intervals, one tab at a time, until nobody wants to know any more. */
export async function pollUpgrade(deps: PollDeps): Promise<void> {
  const { env, isWanted, onAnswer, prefix, wake } = deps
  const askOnce = async () => {
    // Another tab may have heard while this one waited for its turn.
    if (isWanted()) await onAnswer(await ask(deps).catch(() => undefined))
  }
  for (let pauseMs = firstPauseMs; isWanted(); pauseMs = Math.min(pauseMs * growth, longestPauseMs)) {
    // A tab in the background waits until it is looked at.
    await (env.isHidden() ? wake() : Promise.race([wake(), pause(pauseMs)]))
    if (!env.isHidden()) await env.exclusively(`${prefix}upgrade`, askOnce)
  }
}

async function ask({ issuer, fetch }: PollDeps): Promise<GuestUpgrade | undefined> {
  const response = await fetch(`${issuer}/me/upgrade`, { cache: 'no-store', signal: AbortSignal.timeout(timeLimitMs) })
  // An issuer without guests has nothing to tell.
  if (response.status === 404) return 'none'
  if (!response.ok) return undefined
  const { status } = await response.json()
  return known.includes(status) ? status : undefined
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms * (1 + Math.random() * 0.2)))
}
