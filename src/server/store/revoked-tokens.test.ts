import { beforeAll, expect, test } from 'vitest'
import { isTokenRevoked, listRevokedTokens, revokeToken } from './revoked-tokens.ts'
import type { Store } from './store.ts'
import { aTokenRevocation, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  test('a token is revoked in its own tenant only', async () => {
    const revocation = aTokenRevocation()
    expect(await isTokenRevoked(store.db, 'demo', revocation.jti)).toBe(false)
    await revokeToken(store.db, revocation)
    expect(await isTokenRevoked(store.db, 'demo', revocation.jti)).toBe(true)
    expect(await isTokenRevoked(store.db, 'other', revocation.jti)).toBe(false)
  })

  test('revoking a token again, also at the same time on another node, changes nothing', async () => {
    const neighbour = await openTestStore()
    const revocation = aTokenRevocation()
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => revokeToken((index % 2 ? store : neighbour).db, revocation)),
    )
    expect(await isTokenRevoked(neighbour.db, 'demo', revocation.jti)).toBe(true)
  })

  test('the list names a revoked token until it has ended anyway', async () => {
    const [past, live] = [aTokenRevocation({ forgetAt: now }), aTokenRevocation({ forgetAt: now + 1 })]
    for (const revocation of [past, live]) await revokeToken(store.db, revocation)
    const listed = (await listRevokedTokens(store.db, 'demo', now)).map(({ jti }) => jti)
    expect(listed).toContain(live.jti)
    expect(listed).not.toContain(past.jti)
    expect(await listRevokedTokens(store.db, 'other', now)).toEqual([])
  })
})
