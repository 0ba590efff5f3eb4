import type { GuestUpgrade } from '../auth-state.ts'
import type { BrowserEnvironment } from '../environment.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { Session } from '../session/session.ts'
import type { PollDeps } from './poll-upgrade.ts'

/** Follows how far the news has got that a guest has become a member. */
export interface UpgradeWatch {
  getStatus(): GuestUpgrade
  /** While somebody listens, the issuer is asked until it is settled. */
  subscribe(listener: () => void): () => void
  /** Tells listeners if who is here, or what is known of them, has changed. */
  look(): void
}

/** What {@link createUpgradeWatch} needs. */
export interface UpgradeWatchDeps extends Pick<PollDeps, 'issuer' | 'prefix' | 'fetch'> {
  session(): Pick<Session, 'record' | 'settleUpgrade'>
  env: Pick<BrowserEnvironment, 'exclusively' | 'isHidden' | 'onWake'>
}

/** Makes a watch that nobody listens to yet. */
export function createUpgradeWatch({ session, ...deps }: UpgradeWatchDeps): UpgradeWatch {
  const listeners = new Set<() => void>()
  let told: GuestUpgrade = 'none'
  let isPolling = false
  /** The sign-in whose failure this page has asked about once more: behind it tries go on. */
  let askedAgain: string | undefined
  let onWake: () => void = () => undefined
  deps.env.onWake(() => onWake())

  const member = () => {
    const { record } = session()
    return record?.kind === 'member' ? record : undefined
  }
  const getStatus = () => member()?.guestUpgrade ?? 'none'
  const isWanted = () => {
    const isOpen = getStatus() === 'pending' || (getStatus() === 'failed' && askedAgain !== member()?.login)
    return isOpen && listeners.size > 0
  }
  const onAnswer = async (status: GuestUpgrade | undefined) => {
    const record = member()
    if (!record || !status) return
    if (status === 'failed') askedAgain = record.login
    if (status !== record.guestUpgrade) await session().settleUpgrade(record.login, status)
  }
  const wake = () => new Promise<void>((resolve) => (onWake = resolve))
  const poll = async () => {
    const { pollUpgrade } = await loadProtocol()
    await pollUpgrade({ ...deps, isWanted, onAnswer, wake })
  }
  const ensurePolling = () => {
    if (isPolling || !isWanted()) return
    isPolling = true
    poll()
      .catch(() => undefined)
      .finally(() => {
        isPolling = false
      })
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
