import { beforeAll, expect, test } from 'vitest'
import { createAudit } from '../audit/audit.ts'
import { endGuest, isGuestEnded } from './ended-guests.ts'
import { findRecord, upsertRecord } from './engine-records.ts'
import { findFamily, insertFamily } from './families.ts'
import { insertLogoutListener } from './logout-listeners.ts'
import { putOneTimePassword } from './one-time-passwords.ts'
import { insertOutboxRows, markDelivered } from './outbox.ts'
import { takeFromBucket } from './rate-buckets.ts'
import { findRefreshToken, insertRefreshToken } from './refresh-tokens.ts'
import { isTokenRevoked, revokeToken } from './revoked-tokens.ts'
import type { Store } from './store.ts'
import { sweepAudit, sweepExpired } from './sweep.ts'
import {
  aBucketRequest,
  aFamily,
  aGuestEnding,
  aListener,
  anOutboxRow,
  aRecord,
  aRefreshToken,
  aTokenRevocation,
  aUser,
  now,
} from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'
import { findThrottles, setThrottle } from './throttles.ts'
import { insertUser } from './users.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  test('what is past its end goes, in steps, and the rest stays', async () => {
    const [dead, alive, endless] = [aRecord({ expiresAt: now }), aRecord(), aRecord({ expiresAt: undefined })]
    const [deadFamily, aliveFamily] = [aFamily({ absoluteEnd: now }), aFamily()]
    const deadToken = aRefreshToken({ familyId: aliveFamily.id, idleEnd: now })
    const aliveToken = aRefreshToken({ familyId: aliveFamily.id })
    await store.transaction(async (tx) => {
      for (const record of [dead, alive, endless]) await upsertRecord(tx, record)
      for (let index = 0; index < 1_200; index++) await upsertRecord(tx, aRecord({ expiresAt: now - index }))
      for (const family of [deadFamily, aliveFamily]) await insertFamily(tx, family)
      for (const token of [deadToken, aliveToken]) await insertRefreshToken(tx, token)
    })
    const counts = await sweepExpired(store, now)
    expect(counts).toMatchObject({ engine_records: 1_201, refresh_tokens: 1, families: 1 })
    expect(await findRecord(store.db, dead)).toBeUndefined()
    expect(await findRecord(store.db, alive)).toBeDefined()
    expect(await findRecord(store.db, endless)).toBeDefined()
    expect(await findFamily(store.db, 'demo', deadFamily.id)).toBeUndefined()
    expect(await findRefreshToken(store.db, 'demo', deadToken.token)).toBeUndefined()
    expect(await findRefreshToken(store.db, 'demo', aliveToken.token)).toBeDefined()
    expect(Object.values(await sweepExpired(store, now)).every((count) => count === 0)).toBe(true)
  })

  test('an ended guest is forgotten when its token would have ended anyway', async () => {
    const [past, live] = [aGuestEnding({ forgetAt: now }), aGuestEnding({ forgetAt: now + 1 })]
    for (const ending of [past, live]) await endGuest(store.db, ending, now - 1_000)
    expect(await sweepExpired(store, now)).toMatchObject({ ended_guests: 1 })
    expect(await isGuestEnded(store.db, 'demo', past.sessionId)).toBe(false)
    expect(await isGuestEnded(store.db, 'demo', live.sessionId)).toBe(true)
  })

  test('a revoked token is forgotten when it would have ended anyway', async () => {
    const [past, live] = [aTokenRevocation({ forgetAt: now }), aTokenRevocation({ forgetAt: now + 1 })]
    for (const revocation of [past, live]) await revokeToken(store.db, revocation)
    expect(await sweepExpired(store, now)).toMatchObject({ revoked_tokens: 1 })
    expect(await isTokenRevoked(store.db, 'demo', past.jti)).toBe(false)
    expect(await isTokenRevoked(store.db, 'demo', live.jti)).toBe(true)
  })

  test('a delivered event stays for seven days, an undelivered one for ever', async () => {
    const [old, recent, waiting] = [anOutboxRow(), anOutboxRow(), anOutboxRow()]
    const weekAgo = now - 7 * 86_400_000
    await insertOutboxRows(store.db, [old, recent, waiting], weekAgo - 1)
    await markDelivered(store.db, old.id, weekAgo)
    await markDelivered(store.db, recent.id, weekAgo + 1)
    expect(await sweepExpired(store, now)).toMatchObject({ outbox: 1 })
    expect(await store.db.selectFrom('outbox').select('id').orderBy('id').execute()).toEqual(
      [recent, waiting].map(({ id }) => ({ id })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    )
  })

  test('what an app has to hear of a sign-out is given up after three days, taken or not', async () => {
    const threeDays = 3 * 86_400_000
    const [old, recent] = [anOutboxRow({ type: 'logout' }), anOutboxRow({ type: 'logout' })]
    await store.db.deleteFrom('outbox').execute()
    await insertOutboxRows(store.db, [old], now - threeDays)
    await insertOutboxRows(store.db, [recent, anOutboxRow()], now - threeDays + 1)
    expect(await sweepExpired(store, now)).toMatchObject({ outbox: 1 })
    const left = await store.db.selectFrom('outbox').select('id').execute()
    expect(left.map(({ id }) => id)).toContain(recent.id)
    expect(left).toHaveLength(2)
  })

  test('who has to hear of an end is forgotten when nothing can end any more', async () => {
    const [past, live] = [aListener({ forgetAt: now }), aListener({ forgetAt: now + 1 })]
    for (const listener of [past, live]) await insertLogoutListener(store.db, listener)
    expect(await sweepExpired(store, now)).toMatchObject({ logout_listeners: 1 })
    const left = await store.db.selectFrom('logout_listeners').select('sid').execute()
    expect(left).toEqual([{ sid: live.sid }])
  })

  test('a bucket goes when it is full again, and comes back full', async () => {
    const request = aBucketRequest({ capacity: 10, perSecond: 2, want: 4 })
    const take = (at: number) => store.transaction((tx) => takeFromBucket(tx, request, at))
    await take(now)
    expect(await sweepExpired(store, now + 1_999)).toMatchObject({ rate_buckets: 0 })
    expect(await sweepExpired(store, now + 2_000)).toMatchObject({ rate_buckets: 1 })
    expect([await take(now + 2_000), await take(now + 2_000), await take(now + 2_000)]).toMatchObject([
      { taken: 4 },
      { taken: 4 },
      { taken: 2 },
    ])
  })

  test('a login that ends for good takes its remaining tokens along', async () => {
    const family = aFamily({ absoluteEnd: now })
    const token = aRefreshToken({ familyId: family.id, idleEnd: now + 1_000 })
    await insertFamily(store.db, family)
    await insertRefreshToken(store.db, token)
    await sweepExpired(store, now)
    expect(await findRefreshToken(store.db, 'demo', token.token)).toBeUndefined()
  })

  test('two nodes may sweep at once', async () => {
    const neighbour = await openTestStore()
    for (let index = 0; index < 50; index++) await upsertRecord(store.db, aRecord({ expiresAt: now }))
    const counts = await Promise.all([sweepExpired(store, now), sweepExpired(neighbour, now)])
    expect(counts.reduce((sum, count) => sum + count.engine_records, 0)).toBe(50)
  })

  test('a limit is forgotten when its time is over, a one-time password with its end', async () => {
    const user = aUser()
    await insertUser(store.db, user, [user.username])
    const mailed = { tenant: 'demo', userId: user.id, clientId: 'catalog', password: 'x', tries: 5 }
    await putOneTimePassword(store.db, { ...mailed, expiresAt: now })
    await setThrottle(store.db, { name: 'over', points: 3, expires_at: now })
    await setThrottle(store.db, { name: 'running', points: 3, expires_at: now + 1 })
    expect(await sweepExpired(store, now)).toMatchObject({ throttles: 1, one_time_passwords: 1 })
    expect(await findThrottles(store.db, ['over', 'running'])).toMatchObject([{ name: 'running' }])
  })

  test('the audit is kept for as long as it is told to, and goes in steps', async () => {
    const audit = createAudit(store, { info: () => {} })
    await store.transaction(async (tx) => {
      for (let index = 0; index < 1_001; index++) await audit.record({ event: 'sign-out' }, now - 1 - index, tx)
      await audit.record({ event: 'sign-out' }, now, tx)
    })
    expect(await sweepAudit(store, now)).toBe(1_001)
    expect(await store.db.selectFrom('audit').select('at').execute()).toEqual([{ at: now }])
  })
})
