import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { UserConfig } from '../config/schema.ts'
import { hashArgon2 } from '../passwords/argon2.ts'
import { createPasswordHasher, type PasswordHasher } from '../passwords/password-hasher.ts'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { findUserById, findUserByName } from '../store/users.ts'
import { createConfiguredUsers } from './configured-users.ts'
import { foldName } from './fold-name.ts'
import { verifyCredentials } from './verify-credentials.ts'

const now = Date.UTC(2026, 10, 22)
/** Cheap, so that the tests spend their time elsewhere. */
const cost = { memoryKiB: 64, passes: 1, lanes: 1 }
const hasher = createPasswordHasher({ cost })

function aPerson(overrides: Partial<UserConfig> = {}): UserConfig {
  return {
    username: `user-${randomUUID()}`,
    email_verified: false,
    password: 'correct horse',
    roles: [],
    legal_entities: [],
    guest_template: false,
    ...overrides,
  }
}

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
  const verify = (name: string, password: string, by: PasswordHasher = hasher) =>
    verifyCredentials({ store, hasher: by, tenant: 'demo', name, password })

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
      const small = createPasswordHasher({ cost, concurrency: 1, maxQueued: 1 })
      const people = Array.from({ length: 10 }, () => aPerson())
      expect(await createConfiguredUsers(store, small, 'demo', people, now)).toBe(10)
    })
  })

  describe('a name and a password', () => {
    test('that fit are accepted, by username or address, however typed', async () => {
      const person = aPerson({ email: `${randomUUID()}@demo.test` })
      await create(person)
      for (const name of [person.username, ` ${person.username.toUpperCase()} `, person.email?.toUpperCase() ?? '']) {
        expect(await verify(name, 'correct horse')).toMatchObject({ ok: true, user: { username: person.username } })
      }
    })

    test('that do not fit are refused, and only the audit learns whose name it was', async () => {
      const person = aPerson()
      await create(person)
      const { id } = (await findUserByName(store.db, 'demo', person.username)) ?? {}
      expect(await verify(person.username, 'wrong')).toEqual({ ok: false, userId: id })
      expect(await verify(person.username, ' correct horse')).toEqual({ ok: false, userId: id })
      expect(await verify('nobody', 'correct horse')).toEqual({ ok: false, userId: undefined })
    })

    test('of another tenant are refused', async () => {
      const person = aPerson()
      await createConfiguredUsers(store, hasher, 'other', [person], now)
      expect((await verify(person.username, 'correct horse')).ok).toBe(false)
    })

    test.each(['', ' ', 'a\u0000b', '\ud800', "' or 1=1 --", 'x'.repeat(4_000)])(
      'with the name %j are refused quietly',
      async (name) => {
        expect(await verify(name, 'correct horse')).toEqual({ ok: false, userId: undefined })
      },
    )

    test('of a disabled person are refused, right or wrong', async () => {
      const person = aPerson()
      await create(person)
      await store.db.updateTable('users').set({ disabled_at: now }).where('username', '=', person.username).execute()
      expect((await verify(person.username, 'correct horse')).ok).toBe(false)
    })

    test('of a guest template are refused, even if it has a password', async () => {
      const person = aPerson({ guest_template: true })
      await create(person)
      expect((await verify(person.username, 'correct horse')).ok).toBe(false)
    })

    test('of a person without a password are refused', async () => {
      const person = aPerson()
      await create({ ...person, password: undefined })
      for (const password of ['', 'null', 'undefined']) expect((await verify(person.username, password)).ok).toBe(false)
    })

    test('replace a hash that is weaker than today’s, once', async () => {
      const person = aPerson({ password: undefined, password_hash: await hashArgon2('correct horse', cost) })
      await create(person)
      const stronger = createPasswordHasher({ cost: { ...cost, passes: 2 } })
      const verdict = await verify(person.username, 'correct horse', stronger)
      const id = verdict.ok ? verdict.user.id : ''
      const replaced = (await findUserById(store.db, 'demo', id))?.password_hash
      expect(replaced).toContain('t=2')
      expect((await verify(person.username, 'correct horse', stronger)).ok).toBe(true)
      expect((await findUserById(store.db, 'demo', id))?.password_hash).toBe(replaced)
    })
  })
})
