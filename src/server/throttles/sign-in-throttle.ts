import type { Limits, TenantConfig } from '../config/schema.ts'
import type { Db, Store } from '../store/store.ts'
import { deleteThrottle } from '../store/throttles.ts'
import { consume, rowOf, secondsToWait } from './budget.ts'
import { keyedNames } from './keyed-name.ts'
import { LimitReached } from './limit-reached.ts'
import { networkOf } from './network.ts'
import { type BudgetsOf, type SignInBudget, signInBudgets } from './sign-in-budgets.ts'

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
   * @throws LimitReached
   */
  checkOpen(now: number): Promise<{ takesPassword: boolean }>
  /**
   * Counts the try as a failure until it is known to be none, so that however many run at once no more are checked than
   * may fail. Answers with the limits this uses up.
   * @throws LimitReached
   */
  begin(now: number): Promise<SignInBudget['name'][]>
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
  const keyedName = keyedNames(secrets, tenant)
  return {
    start: ({ userId, nameKey, ip, browserId, isOneTime }) => {
      const place = { account: userId ?? keyedName(nameKey), network: networkOf(ip), browserId }
      return countedTry(store, budgetsOf(place), isOneTime)
    },
  }
}

function countedTry(store: Store, { tried, ofAccount }: ReturnType<BudgetsOf>, isOneTime: boolean): CountedTry {
  let counted = tried
  return {
    async checkOpen(now) {
      const waits = await secondsToWait(store.db, tried, now)
      const refuses = (budget: SignInBudget) => !(isOneTime && budget.takesOneTime)
      const wait = Math.max(0, ...tried.filter(refuses).map((budget) => waits.get(budget) ?? 0))
      if (wait > 0) throw new LimitReached(wait)
      counted = tried.filter((budget) => !waits.has(budget))
      return { takesPassword: waits.size === 0 }
    },

    begin: (now) =>
      // Undone as a whole when one of them refuses.
      store.transaction(async (tx) => {
        const usedUp: SignInBudget['name'][] = []
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
