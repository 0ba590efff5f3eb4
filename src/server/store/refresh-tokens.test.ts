import { beforeAll, expect, test } from 'vitest'
import { endFamilies, insertFamily } from './families.ts'
import { hashOf } from './hash.ts'
import { consumeRefreshToken, findRefreshToken, insertRefreshToken } from './refresh-tokens.ts'
import type { Store } from './store.ts'
import { aFamily, aRefreshToken, aUse, now } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

describeStores((openTestStore) => {
  let store: Store
  let neighbour: Store
  beforeAll(async () => {
    store = await openTestStore()
    neighbour = await openTestStore()
  })

  async function aStoredToken() {
    const family = aFamily()
    const token = aRefreshToken({ familyId: family.id, jkt: 'thumbprint' })
    await insertFamily(store.db, family)
    await insertRefreshToken(store.db, token)
    return { family, token }
  }

  test('a token is found with its login', async () => {
    const { family, token } = await aStoredToken()
    expect(await findRefreshToken(store.db, 'demo', token.token)).toMatchObject({
      token: { jkt: 'thumbprint', issued_at: now, idle_end: token.idleEnd, consumed_at: null },
      family: { id: family.id },
    })
    expect(await findRefreshToken(store.db, 'demo', 'unknown')).toBeUndefined()
    expect(await findRefreshToken(store.db, 'other', token.token)).toBeUndefined()
  })

  test('a used token names its successor', async () => {
    const { family, token } = await aStoredToken()
    const next = aRefreshToken({ familyId: family.id })
    const use = aUse(token, { successor: next.token })
    await store.transaction(async (tx) => {
      expect(await consumeRefreshToken(tx, use)).toBe(true)
      await insertRefreshToken(tx, next)
    })
    const used = await findRefreshToken(store.db, 'demo', token.token)
    expect(used?.token).toMatchObject({ consumed_at: now, sealed_successor: 'sealed', idle_end: use.idleEnd })
    expect(used?.token.successor_hash).toBe(hashOf(next.token))
    expect(await findRefreshToken(store.db, 'demo', next.token)).toBeDefined()
  })

  test('of 50 simultaneous rotations exactly one wins and one successor exists (RFC 9700 section 4.14.2)', async () => {
    const { family, token } = await aStoredToken()
    const rotate = (node: Store) =>
      node.transaction(async (tx) => {
        const next = aRefreshToken({ familyId: family.id })
        const isFirst = await consumeRefreshToken(tx, aUse(token, { successor: next.token }))
        if (isFirst) await insertRefreshToken(tx, next)
        return isFirst
      })
    const wins = await Promise.all(Array.from({ length: 50 }, (_, index) => rotate(index % 2 ? store : neighbour)))
    expect(wins.filter(Boolean)).toHaveLength(1)
    const rows = await store.db.selectFrom('refresh_tokens').selectAll().where('family_id', '=', family.id).execute()
    expect(rows.filter((row) => row.consumed_at === null)).toHaveLength(1)
    expect(rows).toHaveLength(2)
  })

  test('a rotation that fails midway leaves the old token unused', async () => {
    const { token } = await aStoredToken()
    const use = aUse(token)
    const failing = store.transaction(async (tx) => {
      await consumeRefreshToken(tx, use)
      throw new Error('lost power')
    })
    await expect(failing).rejects.toThrow('lost power')
    expect(await consumeRefreshToken(store.db, use)).toBe(true)
  })

  test('a token whose login has ended cannot be used', async () => {
    const { family, token } = await aStoredToken()
    await endFamilies(neighbour.db, { tenant: 'demo', ids: [family.id], reason: 'signed-out' }, now)
    expect(await consumeRefreshToken(store.db, aUse(token))).toBe(false)
    expect((await findRefreshToken(store.db, 'demo', token.token))?.token.consumed_at).toBeNull()
  })

  test('a token without a login cannot be stored', async () => {
    await expect(insertRefreshToken(store.db, aRefreshToken({ familyId: 'nobody' }))).rejects.toThrow()
  })
})
