import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { UserConfig } from '../config/schema.ts'
import { createPasswordHasher } from '../passwords/password-hasher.ts'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { findUserByName } from '../store/users.ts'
import { createConfiguredUsers } from './configured-users.ts'
import { foldName } from './fold-name.ts'
import { aPerson, cheapHashes } from './test/builders.ts'

const now = Date.UTC(2026, 10, 22)
const hasher = createPasswordHasher({ cost: cheapHashes })

test.each([
  ['Ada', 'ada'],
  ['  ada\t', 'ada'],
  ['ＡＤＡ', 'ada'],
  ['STRASSE', 'straße'],
  ['ΟΔΟΣ', 'οδος'],
  ['Ada@Demo.Test', 'ada@demo.test'],
  ['caf\u00e9', 'cafe\u0301'],
])('%j and %j are the same name', (one, other) => {
  expect(foldName(one)).toBe(foldName(other))
})

test.each([
  ['ada', 'ada.'],
  ['ada', 'a da'],
  ['resume', 'résumé'],
])('%j and %j are different names', (one, other) => {
  expect(foldName(one)).not.toBe(foldName(other))
})

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  const create = (...users: UserConfig[]) => createConfiguredUsers(store, hasher, 'demo', users, now)

  describe('people of the configuration', () => {
    test('are created with what it says, their password hashed', async () => {
      const person = aPerson({
        email: `${randomUUID()}@demo.test`,
        email_verified: true,
        name: 'Ada',
        roles: ['Shopper'],
        member_id: 7,
      })
      expect(await create(person)).toBe(1)
      const row = await findUserByName(store.db, 'demo', person.username)
      expect(row).toMatchObject({
        email: person.email,
        email_verified: 1,
        name: 'Ada',
        roles: '["Shopper"]',
        member_id: 7,
        created_at: now,
      })
      expect(row?.password_hash).toMatch(/^\$argon2id\$/)
      expect(row?.id).not.toContain(person.username)
    })

    test('are never changed afterwards', async () => {
      const person = aPerson()
      await create(person)
      const before = await findUserByName(store.db, 'demo', person.username)
      expect(
        await create({ ...person, username: person.username.toUpperCase(), password: 'another', roles: ['MeAdmin'] }),
      ).toBe(0)
      expect(await findUserByName(store.db, 'demo', person.username)).toEqual(before)
    })

    test('are left alone when they came through a provider before they were written down', async () => {
      const sso_id = `acme|${randomUUID()}`
      await create(aPerson({ sso_id }))
      const later = aPerson({ sso_id })
      expect(await create(later)).toBe(0)
      expect(await findUserByName(store.db, 'demo', later.username)).toBeUndefined()
    })

    test('cost no hash when they exist', async () => {
      const person = aPerson()
      await create(person)
      const refuses = { hash: () => Promise.reject(new Error('nothing should be hashed')) }
      expect(await createConfiguredUsers(store, refuses, 'demo', [person], now)).toBe(0)
    })

    test('exist once when two nodes start at once', async () => {
      const neighbour = await openTestStore()
      const person = aPerson()
      const counts = await Promise.all(
        [store, neighbour].map((node) => createConfiguredUsers(node, hasher, 'demo', [person], now)),
      )
      expect(counts.toSorted()).toEqual([0, 1])
    })

    test('may be more than the password queue holds', async () => {
      const small = createPasswordHasher({ cost: cheapHashes, concurrency: 1, maxQueued: 1 })
      const people = Array.from({ length: 10 }, () => aPerson())
      expect(await createConfiguredUsers(store, small, 'demo', people, now)).toBe(10)
    })
  })
})
