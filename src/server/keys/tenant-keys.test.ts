import { calculateJwkThumbprint, importJWK, jwtVerify, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { StartError } from '../start-error.ts'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createSealer } from './sealing.ts'
import { loadTenantKeys } from './tenant-keys.ts'

const now = Date.UTC(2026, 10, 22)
const [older, newer] = ['the older secret of thirty-two characters', 'the newer secret of thirty-two characters']
const sealerOf = (...secrets: string[]) => createSealer(secrets, 'tenant keys')

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  const storedKeys = (tenant: string) =>
    store.db.selectFrom('tenant_keys').selectAll().where('tenant', '=', tenant).execute()

  test('a tenant gets one key of each kind at its first start, and keeps them', async () => {
    const keys = await loadTenantKeys(store, sealerOf(older), 'demo', now)
    expect(keys.map(({ alg, use }) => [alg, use]).toSorted()).toEqual([
      ['ES256', 'sig'],
      ['RS256', 'sig'],
    ])
    for (const key of keys) expect(key.kid).toBe(await calculateJwkThumbprint(key))
    expect(Buffer.from(keys.find(({ alg }) => alg === 'RS256')?.n ?? '', 'base64url')).toHaveLength(256)
    expect(await loadTenantKeys(store, sealerOf(older), 'demo', now + 1)).toEqual(keys)
  })

  test('the keys sign', async () => {
    const [jwk] = await loadTenantKeys(store, sealerOf(older), 'demo', now)
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = jwk ?? {}
    const token = await new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: jwk?.alg ?? '' })
      .sign(await importJWK(jwk ?? {}))
    expect((await jwtVerify(token, await importJWK(publicJwk, jwk?.alg))).payload.sub).toBe('ada')
  })

  test('tenants share no keys', async () => {
    const [demo, shop] = await Promise.all(
      ['demo', 'shop'].map((tenant) => loadTenantKeys(store, sealerOf(older), tenant, now)),
    )
    const kids = [...(demo ?? []), ...(shop ?? [])].map(({ kid }) => kid)
    expect(new Set(kids).size).toBe(4)
  })

  test('nodes that start at once end with the same keys', async () => {
    const neighbour = await openTestStore()
    const nodes = [store, neighbour, store, neighbour]
    const loaded = await Promise.all(nodes.map((node) => loadTenantKeys(node, sealerOf(older), 'busy', now)))
    for (const keys of loaded) expect(keys).toEqual(loaded[0])
    expect(await storedKeys('busy')).toHaveLength(2)
  })

  test('the database shows no private part', async () => {
    const keys = await loadTenantKeys(store, sealerOf(older), 'demo', now)
    const stored = JSON.stringify(await storedKeys('demo'))
    for (const { d } of keys) expect(stored).not.toContain(d)
  })

  test('another secret is refused in words', async () => {
    await loadTenantKeys(store, sealerOf(older), 'demo', now)
    const attempt = loadTenantKeys(store, sealerOf(newer), 'demo', now)
    await expect(attempt).rejects.toThrow(StartError)
    await expect(attempt).rejects.toThrow(/keys of tenant "demo" were sealed with another PORTICO_SECRET/)
  })

  test('a start with both secrets moves the keys to the new one, after which the old one can go', async () => {
    const before = await loadTenantKeys(store, sealerOf(older), 'moving', now)
    expect(await loadTenantKeys(store, sealerOf(newer, older), 'moving', now)).toEqual(before)
    expect(await loadTenantKeys(store, sealerOf(newer), 'moving', now)).toEqual(before)
  })

  test('a sealed key put in the place of another is refused', async () => {
    await loadTenantKeys(store, sealerOf(older), 'swapped', now)
    const [one, two] = await storedKeys('swapped')
    await store.db
      .updateTable('tenant_keys')
      .set({ sealed_jwk: one?.sealed_jwk ?? '' })
      .where('kid', '=', two?.kid ?? '')
      .execute()
    await expect(loadTenantKeys(store, sealerOf(older), 'swapped', now)).rejects.toThrow(StartError)
  })

  test('making a key is audited', async () => {
    await loadTenantKeys(store, sealerOf(older), 'audited', now)
    const entries = await store.db.selectFrom('audit').selectAll().where('tenant', '=', 'audited').execute()
    expect(entries.map(({ event, at }) => ({ event, at }))).toEqual([
      { event: 'key.created', at: now },
      { event: 'key.created', at: now },
    ])
  })
})
