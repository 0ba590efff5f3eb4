import type { GuestUpgrade } from '../auth-state.ts'
import type { BrowserEnvironment } from '../environment.ts'
import type { Session } from '../session/session.ts'
import type { MemberRecord } from '../session/session-record.ts'

/** Follows how far the news has got that a guest has become a member. */
export interface UpgradeWatch {
  getStatus(): GuestUpgrade
  /** While somebody listens, the issuer is asked until it is settled. */
  subscribe(listener: () => void): () => void
  /** Tells listeners if who is here, or what is known of them, has changed. */
  look(): void
}

/** What {@link createUpgradeWatch} needs. */
export interface UpgradeWatchDeps {
  session(): Pick<Session, 'record' | 'settleUpgrade'>
  env: Pick<BrowserEnvironment, 'exclusively' | 'isHidden' | 'onWake'>
  /** Asks the issuer; undefined when it has no answer now. */
  ask(): Promise<GuestUpgrade | undefined>
  prefix: string
}

const firstPauseMs = 200
const growth = 1.6
const longestPauseMs = 15_000

/** Makes a watch that nobody listens to yet. */
export function createUpgradeWatch({ session, env, ask, prefix }: UpgradeWatchDeps): UpgradeWatch {
  const listeners = new Set<() => void>()
  let told: GuestUpgrade = 'none'
  let isPolling = false
  /** The sign-in whose failure this page has asked about once more: tries go on behind it. */
  let askedAgain: string | undefined
  let wake: () => void = () => undefined
  env.onWake(() => wake())

  const member = () => {
    const { record } = session()
    return record?.kind === 'member' ? record : undefined
  }
  const getStatus = () => member()?.guestUpgrade ?? 'none'
  const isOpen = (record: MemberRecord | undefined): record is MemberRecord =>
    record?.guestUpgrade === 'pending' || (record?.guestUpgrade === 'failed' && askedAgain !== record.login)

  const askOnce = async ({ login }: MemberRecord) => {
    const record = member()
    // Another tab may have heard while this one waited for its turn.
    if (record?.login !== login || !isOpen(record)) return
    const status = await ask().catch(() => undefined)
    if (status === 'failed') askedAgain = login
    if (status && status !== record.guestUpgrade) await session().settleUpgrade(login, status)
  }
  const poll = async () => {
    for (let pauseMs = firstPauseMs; listeners.size > 0 && isOpen(member()); pauseMs = longer(pauseMs)) {
      await new Promise<void>((resolve) => {
        wake = resolve
        // A tab in the background waits until it is looked at.
        if (!env.isHidden()) setTimeout(resolve, pauseMs * (1 + Math.random() * 0.2))
      })
      const record = member()
      if (record && !env.isHidden()) await env.exclusively(`${prefix}upgrade`, () => askOnce(record))
    }
    isPolling = false
  }
  const ensurePolling = () => {
    if (isPolling || listeners.size === 0 || !isOpen(member())) return
    isPolling = true
    void poll()
  }

  return {
    getStatus,
    subscribe(listener) {
      const own = () => listener()
      listeners.add(own)
      ensurePolling()
      return () => void listeners.delete(own)
    },
    look() {
      ensurePolling()
      if (getStatus() === told) return
      told = getStatus()
      for (const listener of [...listeners]) listener()
    },
  }
}

function longer(pauseMs: number): number {
  return Math.min(pauseMs * growth, longestPauseMs)
}
