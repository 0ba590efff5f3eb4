import type { Db, Store } from '../store/store.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { type Budget, consume, secondsToWait } from '../throttles/budget.ts'
import { keyedNames } from '../throttles/keyed-name.ts'
import { LimitReached } from '../throttles/limit-reached.ts'
import { Limiter } from '../throttles/limiter.ts'
import { networkOf } from '../throttles/network.ts'
import { foldName } from '../users/fold-name.ts'

const HOUR_SECONDS = 3_600
/** Per hour. A stranger elsewhere must not use up what the person has from where they are. */
const FOR_A_NAME_FROM_A_NETWORK = 5
/** Per hour, whoever asks by whichever name: beyond it nothing is mailed, and nobody is told. */
const FOR_AN_ACCOUNT = 10

export interface Asked {
  names: readonly string[]
  ip: string
}

/** Bounds how many one-time passwords are asked for and mailed. */
export interface RequestLimits {
  /** Looks only. @throws LimitReached */
  checkOpen(db: Db, asked: Asked, now: number): Promise<void>
  /** Counts a request. @throws LimitReached */
  take(tx: Db, asked: Asked, now: number): Promise<void>
  /** Counts a mail; `false` when this person has had theirs. */
  takeMail(store: Store, userId: string, now: number): Promise<boolean>
}

export function requestLimits({ id, services: { limits, secrets } }: Tenant): RequestLimits {
  const limiter = (name: string, points: number) =>
    new Limiter({ name: `one-time password ${id} ${name}`, points, seconds: HOUR_SECONDS })
  const perName = limiter('name', FOR_A_NAME_FROM_A_NETWORK)
  const perNetwork = limiter('network', limits.one_time_passwords_per_hour)
  const total = limiter('total', limits.one_time_passwords_per_hour_total)
  const perAccount = limiter('account', FOR_AN_ACCOUNT)
  const keyedName = keyedNames(secrets, id)

  function budgetsOf({ names, ip }: Asked): Budget[] {
    const network = networkOf(ip)
    // Each name once and in one order, so that no two requests wait for each other.
    const keys = [...new Set(names.map((name) => `${keyedName(foldName(name))} ${network}`))].toSorted()
    return [
      ...keys.map((key) => ({ limiter: perName, key })),
      { limiter: perNetwork, key: network },
      { limiter: total, key: 'all' },
    ]
  }

  return {
    async checkOpen(db, asked, now) {
      const waits = await secondsToWait(db, budgetsOf(asked), now)
      if (waits.size > 0) throw new LimitReached(Math.max(...waits.values()))
    },
    async take(tx, asked, now) {
      for (const budget of budgetsOf(asked)) await consume(budget, { db: tx, now })
    },
    async takeMail(store, userId, now) {
      try {
        await store.transaction((tx) => consume({ limiter: perAccount, key: userId }, { db: tx, now }))
        return true
      } catch (error) {
        if (error instanceof LimitReached) return false
        throw error
      }
    },
  }
}
