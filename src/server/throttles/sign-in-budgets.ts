import type { Limits, TenantConfig } from '../config/schema.ts'
import type { Budget } from './budget.ts'
import { Limiter } from './limiter.ts'

const HOUR_SECONDS = 3_600
const DAY_SECONDS = 86_400

/**
 * No account sees more than a hundred failures in a row (NIST SP 800-63B-4 section 3.2.2). Browsers its person has signed
 * in with have a share of their own, so that strangers can't use it up.
 */
const STRANGERS_A_DAY = 70
const KNOWN_BROWSERS_A_DAY = 30

export interface SignInBudget extends Budget {
  name: 'browser' | 'here' | 'here-day' | 'account-day' | 'known-day' | 'network' | 'total'
  /** What strangers can close for long leaves a one-time password a way in: nobody can guess one. */
  takesOneTime?: boolean
  /** Counts for everybody around here, so that a success gives back its own point and no more. */
  isShared?: boolean
}

export interface TryPlace {
  account: string
  network: string
  browserId?: string | undefined
}

/** What a try counts against, always in this order, so that no two wait for each other. */
export type BudgetsOf = (place: TryPlace) => { tried: SignInBudget[]; ofAccount: SignInBudget[] }

export function signInBudgets(
  tenant: string,
  { failures, seconds }: TenantConfig['lockout'],
  limits: Pick<Limits, 'failed_sign_ins_per_hour' | 'failed_sign_ins_per_hour_total'>,
): BudgetsOf {
  const limiter = (name: SignInBudget['name'], points: number, forSeconds: number) =>
    new Limiter({ name: `sign-in ${tenant} ${name}`, points, seconds: forSeconds })
  const inARow = Math.max(HOUR_SECONDS, seconds)
  const browser = limiter('browser', failures, inARow)
  const here = limiter('here', failures, inARow)
  const hereDay = limiter('here-day', Math.min(3 * failures, STRANGERS_A_DAY), DAY_SECONDS)
  const accountDay = limiter('account-day', STRANGERS_A_DAY, DAY_SECONDS)
  const knownDay = limiter('known-day', KNOWN_BROWSERS_A_DAY, DAY_SECONDS)
  const perNetwork = limiter('network', limits.failed_sign_ins_per_hour, HOUR_SECONDS)
  const total = limiter('total', limits.failed_sign_ins_per_hour_total, HOUR_SECONDS)

  return ({ account, network, browserId }) => {
    const strangers: SignInBudget = { name: 'account-day', limiter: accountDay, key: account, takesOneTime: true }
    const known: SignInBudget = { name: 'known-day', limiter: knownDay, key: account, takesOneTime: true }
    if (browserId !== undefined) {
      const own: SignInBudget = {
        name: 'browser',
        limiter: browser,
        key: `${account} ${browserId}`,
        pauseSeconds: seconds,
      }
      return { tried: [own, known], ofAccount: [own, strangers, known] }
    }
    const place = `${account} ${network}`
    const local: SignInBudget[] = [
      { name: 'here', limiter: here, key: place, pauseSeconds: seconds },
      { name: 'here-day', limiter: hereDay, key: place, takesOneTime: true },
    ]
    const shared: SignInBudget[] = [
      { name: 'network', limiter: perNetwork, key: network, isShared: true },
      { name: 'total', limiter: total, key: 'all', isShared: true },
    ]
    return { tried: [...local, strangers, ...shared], ofAccount: [...local, strangers, known] }
  }
}
