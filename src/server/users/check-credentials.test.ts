import { randomUUID } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { hashArgon2 } from '../passwords/argon2.ts'
import { createPasswordHasher, type PasswordHasher } from '../passwords/password-hasher.ts'
import { putOneTimePassword } from '../store/one-time-passwords.ts'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { findUserById, findUserByName } from '../store/users.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { aConfig } from '../test/test-config.ts'
import { type Credentials, checkCredentials } from './check-credentials.ts'
import { createConfiguredUsers } from './configured-users.ts'
import { disablePerson } from './disable-person.ts'
import { aNetwork, aPerson, aTenantOf, cheapHashes, credentials } from './test/builders.ts'

const hasher = createPasswordHasher({ cost: cheapHashes, maxQueued: 1_000 })
const wrong = { outcome: 'wrong' }
const right = { outcome: 'right', amr: ['pwd'] }
const paused = (retryAfterSeconds: number) => ({ outcome: 'paused', retryAfterSeconds })
const DAY_SECONDS = 86_400

describeStores((openTestStore) => {
  let store: Store
  let neighbour: Store
  let tenant: Tenant
  let atNeighbour: Tenant
  beforeAll(async () => {
    store = await openTestStore()
    neighbour = await openTestStore()
    tenant = aTenantOf({ store, hasher })
    atNeighbour = aTenantOf({ store: neighbour, hasher })
  })
  afterEach(() => void vi.useRealTimers())

  async function create(overrides: Parameters<typeof aPerson>[0] = {}) {
    const person = aPerson(overrides)
    await createConfiguredUsers(store, hasher, 'demo', [person], Date.now())
    const { id = '' } = (await findUserByName(store.db, 'demo', person.username)) ?? {}
    return { ...person, id }
  }

  const check = (given: Partial<Credentials> & { name: string }, by = tenant) =>
    checkCredentials(by, credentials(given))

  /** How so many wrong passwords are answered, one after another. */
  async function fail(times: number, given: Partial<Credentials> & { name: string }, by = tenant) {
    const outcomes = []
    for (let index = 0; index < times; index++)
      outcomes.push((await check({ ...given, password: 'wrong' }, by)).outcome)
    return outcomes
  }

  function stopClock() {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    return { pass: (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000) }
  }

  describe('a name and a password', () => {
    test('that fit are right, by username or address, however typed', async () => {
      const { username, email = '' } = await create({ email: `${randomUUID()}@demo.test` })
      for (const name of [username, ` ${username.toUpperCase()} `, email.toUpperCase()]) {
        expect(await check({ name })).toMatchObject({ ...right, user: { username } })
      }
    })

    test('that do not fit are wrong', async () => {
      const { username } = await create()
      for (const password of ['wrong', ' correct horse', '']) {
        expect(await check({ name: username, password })).toEqual(wrong)
      }
      expect(await check({ name: 'nobody' })).toEqual(wrong)
    })

    test('of another tenant are wrong', async () => {
      const { username } = await create()
      expect(await check({ name: username }, aTenantOf({ store, hasher, id: 'other' }))).toEqual(wrong)
    })

    test.each(['', ' ', 'a\u0000b', '\ud800', "' or 1=1 --", 'x'.repeat(4_000)])(
      'with the name %j are wrong, quietly',
      async (name) => {
        expect(await check({ name })).toEqual(wrong)
      },
    )

    test('of a disabled person are told so to whoever knows the password, and let nobody in', async () => {
      const { username, id } = await create()
      await disablePerson(tenant.services, { tenant: 'demo', userId: id }, Date.now())
      expect(await check({ name: username })).toEqual({ outcome: 'disabled' })
      expect(await check({ name: username, password: 'wrong' })).toEqual(wrong)
    })

    test('of a disabled person count like wrong ones', async () => {
      const { username, id } = await create()
      await disablePerson(tenant.services, { tenant: 'demo', userId: id }, Date.now())
      const given = { name: username, ip: aNetwork() }
      const outcomes = []
      for (let index = 0; index < 12; index++) outcomes.push((await check(given)).outcome)
      expect(outcomes).toEqual([...Array(10).fill('disabled'), 'paused', 'paused'])
    })

    test('of a guest template are wrong, even if it has a password', async () => {
      const { username } = await create({ guest_template: true })
      expect(await check({ name: username })).toEqual(wrong)
    })

    test('of a person without a password are wrong', async () => {
      const { username } = await create({ password: undefined })
      for (const password of ['', 'null', 'undefined']) expect(await check({ name: username, password })).toEqual(wrong)
    })

    test('replace a hash that is weaker than today’s, once', async () => {
      const hash = await hashArgon2('correct horse', cheapHashes)
      const { username, id } = await create({ password: undefined, password_hash: hash })
      const stronger = createPasswordHasher({ cost: { ...cheapHashes, passes: 2 } })
      const hashNow = async () => (await findUserById(store.db, 'demo', id))?.password_hash
      expect(await check({ name: username }, aTenantOf({ store, hasher: stronger }))).toMatchObject(right)
      const replaced = await hashNow()
      expect(replaced).toContain('t=2')
      expect(await check({ name: username }, aTenantOf({ store, hasher: stronger }))).toMatchObject(right)
      expect(await hashNow()).toBe(replaced)
    })
  })

  describe('after ten failures in a row', () => {
    test('also the right password waits for two minutes, and then fits', async () => {
      const clock = stopClock()
      const given = { name: (await create()).username, ip: aNetwork() }
      expect(await fail(12, given)).toEqual([...Array(10).fill('wrong'), 'paused', 'paused'])
      expect(await check(given)).toEqual(paused(120))
      clock.pass(119)
      expect(await check(given)).toEqual(paused(1))
      clock.pass(1)
      expect(await check(given)).toMatchObject(right)
    })

    test('a success before the tenth begins the count anew', async () => {
      const given = { name: (await create()).username, ip: aNetwork() }
      for (let round = 0; round < 4; round++) {
        expect(await fail(9, given)).toEqual(Array(9).fill('wrong'))
        expect(await check(given)).toMatchObject(right)
      }
    })

    test('the configuration says after how many, and for how long', async () => {
      const clock = stopClock()
      const strict = aTenantOf({
        store,
        hasher,
        config: aConfig({ tenant: { lockout: { failures: 3, seconds: 86_400 } } }),
      })
      const given = { name: (await create()).username, ip: aNetwork() }
      expect(await fail(4, given, strict)).toEqual(['wrong', 'wrong', 'wrong', 'paused'])
      clock.pass(DAY_SECONDS - 1)
      expect(await check(given, strict)).toEqual(paused(1))
      clock.pass(1)
      expect(await check(given, strict)).toMatchObject(right)
    })

    test('a name that nobody has is paused just so', async () => {
      stopClock()
      const given = { name: `nobody-${randomUUID()}`, ip: aNetwork() }
      expect(await fail(12, given)).toEqual([...Array(10).fill('wrong'), 'paused', 'paused'])
      expect(await check(given)).toEqual(paused(120))
    })

    test('nothing is hashed any more, and nothing is written', async () => {
      const counting = countingHasher()
      const quiet = aTenantOf({ store, hasher: counting })
      const given = { name: (await create()).username, ip: aNetwork() }
      await fail(10, given, quiet)
      const before = await everythingCounted()
      expect(await fail(30, given, quiet)).toEqual(Array(30).fill('paused'))
      expect(counting.checks).toBe(10)
      expect(await everythingCounted()).toEqual(before)
    })

    test('a clock that jumped ahead and came back shuts nobody out', async () => {
      const clock = stopClock()
      const given = { name: (await create()).username, ip: aNetwork() }
      clock.pass(365 * DAY_SECONDS)
      expect(await fail(11, given)).toContain('paused')
      clock.pass(-365 * DAY_SECONDS)
      expect(await check(given)).toMatchObject(right)
    })
  })

  describe('disguises count as what they are', () => {
    test.each([
      ['case', (name: string) => name.toUpperCase()],
      ['spaces', (name: string) => `  ${name}\t`],
      ['full-width letters', (name: string) => name.replaceAll(/[!-~]/g, wide)],
    ])('of a name: %s', async (_what, disguised) => {
      for (const name of [(await create()).username, `nobody-${randomUUID()}`]) {
        const ip = aNetwork()
        expect([...(await fail(5, { name, ip })), ...(await fail(5, { name: disguised(name), ip }))]).not.toContain(
          'paused',
        )
        expect(await fail(1, { name: disguised(name), ip })).toEqual(['paused'])
        expect(await fail(1, { name, ip })).toEqual(['paused'])
      }
    })

    test('a person’s username and address', async () => {
      const { username, email = '' } = await create({ email: `${randomUUID()}@demo.test` })
      const ip = aNetwork()
      await fail(5, { name: username, ip })
      expect(await fail(6, { name: email, ip })).toEqual([...Array(5).fill('wrong'), 'paused'])
    })

    test.each([
      [
        'a /24',
        ['192.0.2.1', '192.0.2.77', '::ffff:192.0.2.9', '::ffff:c000:20a', '2002:c000:20b::1', '64:ff9b::c000:20c'],
      ],
      ['a /64', ['2001:db8:7:2::1', '2001:db8:7:2:ffff::2', '2001:db8:7:2:1:2:3:4']],
    ])('addresses of one network: %s', async (_what, addresses) => {
      const { username: name } = await create()
      const outcomes = []
      for (let index = 0; index < 12; index++) {
        outcomes.push(...(await fail(1, { name, ip: addresses[index % addresses.length] ?? '' })))
      }
      expect(outcomes).toEqual([...Array(10).fill('wrong'), 'paused', 'paused'])
    })

    test.each([
      ['a person’s name', () => create().then(({ username }) => username)],
      ['nobody’s name', async () => `nobody-${randomUUID()}`],
    ])('50 at once, on two nodes: %s', async (_whose, aName) => {
      const [first, second] = [countingHasher(), countingHasher()]
      const nodes = [aTenantOf({ store, hasher: first }), aTenantOf({ store: neighbour, hasher: second })]
      const [name, ip] = [await aName(), aNetwork()]
      const verdicts = await Promise.all(
        Array.from({ length: 50 }, (_, index) => check({ name, ip, password: `guess ${index}` }, nodes[index % 2])),
      )
      expect(verdicts.filter(({ outcome }) => outcome === 'wrong')).toHaveLength(10)
      expect(verdicts.filter(({ outcome }) => outcome === 'paused')).toHaveLength(40)
      expect(first.checks + second.checks).toBe(10)
      for (const verdict of verdicts)
        if (verdict.outcome === 'paused') expect(verdict.retryAfterSeconds).toBeLessThan(121)
    })
  })

  test('50 right passwords at once, on two nodes, are all right', async () => {
    const { username: name } = await create()
    const ip = aNetwork()
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, (_, index) => check({ name, ip }, index % 2 ? tenant : atNeighbour)),
    )
    expect(new Set(verdicts.map(({ outcome }) => outcome))).toEqual(new Set(['right']))
    expect(await fail(9, { name, ip })).not.toContain('paused')
  })

  describe('a stranger', () => {
    test('in one network keeps nobody out of another', async () => {
      const { username: name } = await create()
      const ip = aNetwork()
      await fail(15, { name, ip })
      expect(await check({ name })).toMatchObject(right)
      expect((await check({ name, ip })).outcome).toBe('paused')
    })

    test('in one network guesses thirty times a day', async () => {
      const clock = stopClock()
      const { username: name } = await create()
      const ip = aNetwork()
      const outcomes = []
      for (let pause = 0; pause < 20; pause++) {
        outcomes.push(...(await fail(11, { name, ip })))
        clock.pass(120)
      }
      expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(30)
      expect(await check({ name, ip })).toEqual(paused(DAY_SECONDS - 20 * 120))
      expect(await check({ name })).toMatchObject(right)
    })

    test('in many networks guesses seventy times a day', async () => {
      const clock = stopClock()
      const { username: name } = await create()
      const outcomes = []
      for (let network = 0; network < 150; network++) outcomes.push(...(await fail(1, { name })))
      expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(70)
      expect(await check({ name })).toEqual(paused(DAY_SECONDS))
      clock.pass(DAY_SECONDS)
      expect(await check({ name })).toMatchObject(right)
    })

    test('never uses up what browsers have that the person signed in with, nor does such a browser alone guess for long', async () => {
      const clock = stopClock()
      const { username: name, id } = await create()
      const browser = { id: randomUUID(), userIds: [id] }
      const ip = aNetwork()
      for (let network = 0; network < 80; network++) await fail(1, { name })
      await fail(10, { name, ip })
      expect(await check({ name, ip, browser })).toMatchObject(right)

      const outcomes = []
      for (let pause = 0; pause < 10; pause++) {
        outcomes.push(...(await fail(11, { name, browser })))
        clock.pass(120)
      }
      expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(30)
    })

    test('with a known browser of their own is a stranger to everybody else', async () => {
      const { username: name } = await create()
      const browser = { id: randomUUID(), userIds: [(await create()).id] }
      expect(await fail(11, { name, browser, ip: aNetwork() })).toContain('paused')
    })

    test('altogether fails a hundred times in a row with one account, whoever helps', async () => {
      const { username: name, id } = await create()
      let failures = 0
      for (let index = 0; index < 200; index++) {
        const browser = index % 2 ? { id: randomUUID(), userIds: [id] } : undefined
        failures += (await fail(1, { name, browser })).filter((outcome) => outcome === 'wrong').length
      }
      expect(failures).toBe(100)
    })
  })

  describe('one network', () => {
    const few = () =>
      aTenantOf({ store, hasher, config: aConfig({ file: { limits: { failed_sign_ins_per_hour: 20 } } }) })

    test('fails so often in an hour, whatever the names', async () => {
      const clock = stopClock()
      const { username: name } = await create()
      const ip = aNetwork()
      const outcomes = []
      for (let index = 0; index < 25; index++) {
        outcomes.push(...(await fail(1, { name: `nobody-${randomUUID()}`, ip }, few())))
      }
      expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(20)
      expect(await check({ name, ip }, few())).toEqual(paused(3_600))
      expect(await check({ name }, few())).toMatchObject(right)
      clock.pass(3_600)
      expect(await check({ name, ip }, few())).toMatchObject(right)
    })

    test('loses nothing by successes, and gains nothing', async () => {
      const { username: name } = await create()
      const ip = aNetwork()
      const outcomes = []
      for (let index = 0; index < 25; index++) {
        outcomes.push(...(await fail(1, { name: `nobody-${randomUUID()}`, ip }, few())))
        if (index < 15) expect(await check({ name, ip }, few())).toMatchObject(right)
      }
      expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(20)
    })

    test('full of strangers still has room for a browser the person knows', async () => {
      const { username: name, id } = await create()
      const ip = aNetwork()
      for (let index = 0; index < 25; index++) await fail(1, { name: `nobody-${randomUUID()}`, ip }, few())
      expect(await check({ name, ip, browser: { id: randomUUID(), userIds: [id] } }, few())).toMatchObject(right)
    })
  })

  test('all networks together fail so often in an hour', async () => {
    const limited = aTenantOf({
      store,
      hasher,
      id: 'total',
      config: aConfig({ file: { limits: { failed_sign_ins_per_hour_total: 15 } } }),
    })
    const outcomes = []
    for (let index = 0; index < 20; index++) outcomes.push(...(await fail(1, { name: `nobody-${index}` }, limited)))
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(15)
  })

  describe('a one-time password', () => {
    const CODE = 'BCDFGHJKLMNPQRST'

    async function mailed(overrides: Partial<Parameters<typeof putOneTimePassword>[1]> = {}) {
      const person = await create()
      const given = { tenant: 'demo', userId: person.id, clientId: 'catalog', password: CODE, tries: 5 }
      await putOneTimePassword(store.db, { ...given, expiresAt: Date.now() + 600_000, ...overrides })
      return person
    }

    test.each([CODE, 'BCDF-GHJK-LMNP-QRST', ' bcdf ghjk lmnp qrst ', 'bcdf–ghjk–lmnp–qrst'])(
      'stands in for the password, once, typed as %j',
      async (password) => {
        const { username: name } = await mailed()
        expect(await check({ name, password })).toMatchObject({ outcome: 'right', amr: ['otp'] })
        expect(await check({ name, password })).toEqual(wrong)
      },
    )

    test('is good once of 20 times at once, on two nodes', async () => {
      const { username: name } = await mailed()
      const verdicts = await Promise.all(
        Array.from({ length: 20 }, (_, index) => check({ name, password: CODE }, index % 2 ? tenant : atNeighbour)),
      )
      expect(verdicts.filter(({ outcome }) => outcome === 'right')).toHaveLength(1)
    })

    test('ends with its time', async () => {
      const clock = stopClock()
      const { username: name } = await mailed()
      clock.pass(600)
      expect(await check({ name, password: CODE })).toEqual(wrong)
    })

    test('is good at the app that asked for it alone', async () => {
      const { username: name } = await mailed()
      expect(await check({ name, password: CODE, clientId: 'orders' })).toEqual(wrong)
      expect(await check({ name, password: CODE })).toMatchObject({ outcome: 'right' })
    })

    test('is one person’s', async () => {
      await mailed()
      expect(await check({ name: (await create()).username, password: CODE })).toEqual(wrong)
    })

    test('ends when five others were tried', async () => {
      const { username: name } = await mailed()
      for (let index = 0; index < 5; index++) expect(await check({ name, password: 'TSRQPNMLKJHGFDCB' })).toEqual(wrong)
      expect(await check({ name, password: CODE })).toEqual(wrong)
    })

    test('ends with a sign-in by password, and with the account', async () => {
      const { username: name, id } = await mailed()
      expect(await check({ name })).toMatchObject(right)
      expect(await check({ name, password: CODE })).toEqual(wrong)
      const other = await mailed()
      await disablePerson(tenant.services, { tenant: 'demo', userId: other.id }, Date.now())
      expect(await check({ name: other.username, password: CODE })).toEqual(wrong)
      await store.db.updateTable('users').set({ disabled_at: null }).where('id', 'in', [id, other.id]).execute()
      expect(await check({ name: other.username, password: CODE })).toEqual(wrong)
    })

    test('counts like a password when it is wrong, and waits like one', async () => {
      const { username: name } = await mailed()
      const ip = aNetwork()
      for (let index = 0; index < 4; index++) await check({ name, ip, password: 'TSRQPNMLKJHGFDCB' })
      expect(await fail(6, { name, ip })).toEqual(Array(6).fill('wrong'))
      expect((await check({ name, ip, password: CODE })).outcome).toBe('paused')
    })

    test('is the way in that strangers can’t close, and opens the other one', async () => {
      const { username: name } = await mailed()
      for (let network = 0; network < 80; network++) await fail(1, { name })
      expect((await check({ name })).outcome).toBe('paused')
      expect(await check({ name, password: CODE })).toMatchObject({ outcome: 'right', amr: ['otp'] })
      expect(await check({ name })).toMatchObject(right)
    })

    test('that is a person’s password by chance can’t be guessed any longer than another', async () => {
      const { username: name } = await create({ password: CODE })
      for (let network = 0; network < 80; network++) await fail(1, { name })
      expect(await check({ name, password: CODE })).toEqual(wrong)
    })
  })

  describe('the audit', () => {
    const entries = (ip: string) =>
      store.db.selectFrom('audit').select(['event', 'user_id', 'client_id', 'detail']).where('ip', '=', ip).execute()

    test('keeps each failure and the pause it led to, and nothing of what was refused', async () => {
      const { username: name, id } = await create()
      const ip = aNetwork()
      await fail(30, { name, ip })
      const kept = await entries(ip)
      expect(kept.filter(({ event }) => event === 'sign-in.failed')).toHaveLength(10)
      expect(kept.filter(({ event }) => event !== 'sign-in.failed')).toEqual([
        { event: 'sign-in.paused', user_id: id, client_id: 'catalog', detail: '{"limit":"here"}' },
      ])
    })

    test('does not keep the names that nobody has, nor do the limits', async () => {
      const ip = aNetwork()
      await fail(3, { name: 'my secret password', ip })
      expect(await entries(ip)).toHaveLength(3)
      expect(JSON.stringify([await entries(ip), await everythingCounted()])).not.toContain('secret')
    })
  })

  function everythingCounted() {
    return store.db.selectFrom('throttles').selectAll().orderBy('name').execute()
  }
})

function wide(character: string): string {
  return String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0)
}

function countingHasher(): PasswordHasher & { checks: number } {
  const counting = {
    ...hasher,
    checks: 0,
    verify: (...[phc, password, atTurn]: Parameters<PasswordHasher['verify']>) =>
      hasher.verify(phc, password, async () => {
        await atTurn?.()
        counting.checks += 1
      }),
  }
  return counting
}
