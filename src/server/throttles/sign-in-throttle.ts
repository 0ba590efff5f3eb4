import { createHmac } from 'node:crypto'
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js'
import type { Limits, TenantConfig } from '../config/schema.ts'
import { deriveKey } from '../keys/sealing.ts'
import type { Db, Store } from '../store/store.ts'
import { deleteThrottle, findThrottles } from '../store/throttles.ts'
import type { Count } from './limiter.ts'
import { networkOf } from './network.ts'
import { type Budget, type BudgetsOf, rowOf, signInBudgets } from './sign-in-budgets.ts'
import { SignInPaused } from './sign-in-paused.ts'

/** Who tries to sign in, and from where. */
export interface SignInTry {
  /** Of the person whose name was typed, if somebody has it. */
  userId: string | undefined
  /** As it is looked up. */
  nameKey: string
  ip: string
  /** The browser, when this person has signed in with it before. */
  browserId?: string | undefined
  /** Whether what was typed may be a one-time password. */
  isOneTime: boolean
}

/** One try's way through the limits. */
export interface CountedTry {
  /**
   * Looks only, so that refusing costs no write. Answers whether a password may be checked, or a one-time password alone.
   * @throws SignInPaused
   */
  checkOpen(now: number): Promise<{ takesPassword: boolean }>
  /**
   * Counts the try as a failure until it is known to be none, so that however many run at once no more are checked than
   * may fail. Answers with the limits this uses up.
   * @throws SignInPaused
   */
  begin(now: number): Promise<Budget['name'][]>
  /** It was right: the account's failures in a row are over; of those that all share, this one goes. */
  succeed(tx: Db, now: number): Promise<void>
}

/** Bounds how often one tenant's passwords may be guessed. `README.md` says by whom. */
export interface SignInThrottle {
  start(attempt: SignInTry): CountedTry
}

interface Parts {
  tenant: string
  lockout: TenantConfig['lockout']
  limits: Pick<Limits, 'failed_sign_ins_per_hour' | 'failed_sign_ins_per_hour_total'>
  secrets: readonly string[]
  store: Store
}

export function createSignInThrottle({ tenant, lockout, limits, secrets, store }: Parts): SignInThrottle {
  const budgetsOf = signInBudgets(tenant, lockout, limits)
  const nameSecret = deriveKey(secrets[0] ?? '', `throttled names of ${tenant}`, 32)
  // People type passwords where names belong, so a name that nobody has isn't kept as it was typed.
  const accountOf = ({ userId, nameKey }: SignInTry) =>
    userId ?? createHmac('sha256', nameSecret).update(nameKey).digest('base64url')
  return {
    start: (attempt) => {
      const { ip, browserId, isOneTime } = attempt
      const place = { account: accountOf(attempt), network: networkOf(ip), browserId }
      return countedTry(store, budgetsOf(place), isOneTime)
    },
  }
}

function countedTry(store: Store, { tried, ofAccount }: ReturnType<BudgetsOf>, isOneTime: boolean): CountedTry {
  let counted = tried
  return {
    async checkOpen(now) {
      const waits = await secondsToWait(store.db, tried, now)
      const refuses = (budget: Budget) => !(isOneTime && budget.takesOneTime)
      const wait = Math.max(0, ...tried.filter(refuses).map((budget) => waits.get(budget) ?? 0))
      if (wait > 0) throw new SignInPaused(wait)
      counted = tried.filter((budget) => !waits.has(budget))
      return { takesPassword: waits.size === 0 }
    },

    begin: (now) =>
      // Undone as a whole when one of them refuses.
      store.transaction(async (tx) => {
        const usedUp: Budget['name'][] = []
        for (const budget of counted) if (await consume(budget, { db: tx, now })) usedUp.push(budget.name)
        return usedUp
      }),

    async succeed(tx, now) {
      // One by one, in the order of counting.
      for (const budget of ofAccount) await deleteThrottle(tx, rowOf(budget))
      for (const { limiter, key } of tried.filter(({ isShared }) => isShared))
        await limiter.reward(key, 1, { db: tx, now })
    },
  }
}

/** The closed ones, each with the seconds until it opens. */
async function secondsToWait(db: Db, budgets: Budget[], now: number): Promise<Map<Budget, number>> {
  const rows = new Map((await findThrottles(db, budgets.map(rowOf))).map((row) => [row.name, row]))
  const waits = budgets.map((budget) => [budget, budget.limiter.secondsToWait(rows.get(rowOf(budget)), now)] as const)
  return new Map(waits.filter(([, seconds]) => seconds > 0))
}

/** Whether that was the last one; then it is closed at once, so that a node that dies leaves no try over. @throws SignInPaused */
async function consume({ limiter, key, pauseSeconds }: Budget, count: Count): Promise<boolean> {
  try {
    const { remainingPoints } = await limiter.consume(key, 1, count)
    if (remainingPoints > 0) return false
    if (pauseSeconds !== undefined) await limiter.block(key, pauseSeconds, count)
    return true
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    throw new SignInPaused(Math.ceil(error.msBeforeNext / 1000))
  }
}
