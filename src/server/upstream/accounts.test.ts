import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeStores } from '../store/test/open-test-stores.ts'
import { answerAtApp, pageOf, signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aClient, aConfig } from '../test/test-config.ts'
import { chooseUpstream, comeBack, signInThrough, type Through, visitThrough } from './test/sign-in-through.ts'
import { startUpstream, type UpstreamServer } from './test/upstream-server.ts'
import { Visitor } from './test/visitor.ts'

const PASSWORD = 'copper kettle at dawn'

describeStores((openTestStore) => {
  let acme: UpstreamServer
  let other: UpstreamServer
  let app: TestApp
  beforeAll(async () => {
    acme = await startUpstream({ names: ['acme', 'by-email', 'closed', 'strict', 'by-email-closed'] })
    other = await startUpstream({ names: ['other'] })
    const entry = { scope: 'openid email profile', provision: true, roles: ['Shopper'] }
    const upstream = [
      acme.entry(entry),
      acme.entry({ ...entry, name: 'by-email', match: 'email' }),
      acme.entry({ ...entry, name: 'closed', provision: false }),
      acme.entry({ ...entry, name: 'by-email-closed', match: 'email', provision: false }),
      acme.entry({ ...entry, name: 'strict', require_verified_email: true }),
      other.entry({ ...entry, name: 'other', label: 'Other' }),
    ]
    const users = [
      { username: 'ada', password: PASSWORD, email: 'ada@demo.test', email_verified: true },
      { username: 'ben', password: PASSWORD, email: 'ben@demo.test' },
      { username: 'named@demo.test', password: PASSWORD },
      { username: 'announced', sso_id: 'acme|announced-at-acme' },
      { username: 'visitor', guest_template: true, email: 'visitor@demo.test', email_verified: true },
    ]
    const tenant = { upstream, users, clients: [aClient({ consent: 'skip' })] }
    app = await startTestApp({ config: aConfig({ tenant }), store: await openTestStore() })
  })
  afterAll(async () => {
    await app.close()
    await acme.close()
    await other.close()
  })
  beforeEach(async () => {
    await app.store.db.deleteFrom('audit').execute()
    await app.store.db.updateTable('users').set({ disabled_at: null }).execute()
  })

  /** Somebody at Acme whom nobody here has seen. */
  function newcomer(claims: Record<string, unknown> = {}): string {
    const login = randomUUID()
    acme.accounts.set(login, claims)
    return login
  }

  const errorOf = async (login: string, through?: Through) =>
    pageOf(await visitThrough(app, login, through), 'sign-in').error?.code

  const userOf = (subject: string, issuer = acme.issuer) =>
    app.store.db
      .selectFrom('identities')
      .innerJoin('users', 'users.id', 'identities.user_id')
      .selectAll('users')
      .where('subject', '=', subject)
      .where('issuer', '=', issuer)
      .executeTakeFirst()

  async function auditEvents() {
    const rows = await app.store.db.selectFrom('audit').selectAll().orderBy('at').execute()
    return rows.map(({ event, detail }) => ({ event, ...JSON.parse(detail) }))
  }

  describe('somebody new', () => {
    test('gets an account of what the provider says', async () => {
      const login = newcomer({
        email: `${randomUUID()}@acme.test`,
        email_verified: true,
        name: 'Cleo',
        preferred_username: 'cleo',
      })
      expect(answerAtApp(await visitThrough(app, login))).toHaveProperty('code')
      const { email } = acme.accounts.get(login) ?? {}
      expect(await userOf(login)).toMatchObject({
        username: 'cleo',
        email,
        email_verified: 1,
        name: 'Cleo',
        password_hash: null,
        roles: '["Shopper"]',
        sso_id: `acme|${login}`,
      })
    })

    test('of whom nothing is known gets one all the same', async () => {
      const login = newcomer()
      expect(answerAtApp(await visitThrough(app, login))).toHaveProperty('code')
      expect(await userOf(login)).toMatchObject({ username: `acme|${login}`, email: null, name: null })
    })

    test.each([
      ['a name that is taken', { preferred_username: 'ADA' }],
      ['a name that looks like somebody’s address', { preferred_username: 'later@demo.test' }],
      ['a name of control characters', { preferred_username: 'a\u0000b' }],
      ['a name that is no text', { preferred_username: { nested: true }, name: 7, email: ['x'] }],
      ['a name of any length', { preferred_username: 'x'.repeat(5_000), name: 'y'.repeat(5_000) }],
      ['an address that is none', { email: 'nobody', email_verified: true }],
    ])('with %s goes without it', async (_what, claims) => {
      const login = newcomer(claims)
      expect(answerAtApp(await visitThrough(app, login))).toHaveProperty('code')
      expect(await userOf(login)).toMatchObject({ username: `acme|${login}`, email: null, name: null })
    })

    test('whose address is not verified has none here, and nobody is kept from it', async () => {
      const email = `${randomUUID()}@acme.test`
      const [first, second] = [newcomer({ email }), newcomer({ email, email_verified: 'false' })]
      for (const login of [first, second]) {
        expect(answerAtApp(await visitThrough(app, login))).toHaveProperty('code')
        expect(await userOf(login)).toMatchObject({ email: null, email_verified: 0 })
      }
      const owner = newcomer({ email, email_verified: 'true' })
      expect(answerAtApp(await visitThrough(app, owner))).toHaveProperty('code')
      expect(await userOf(owner)).toMatchObject({ email, email_verified: 1 })
    })

    test('is turned away without a verified address where that is required', async () => {
      const through = { upstream: 'strict' }
      expect(await errorOf(newcomer(), through)).toBe('upstream-email-unverified')
      expect(await errorOf(newcomer({ email: `${randomUUID()}@acme.test` }), through)).toBe('upstream-email-unverified')
      const login = newcomer({ email: `${randomUUID()}@acme.test`, email_verified: true })
      expect(answerAtApp(await visitThrough(app, login, through))).toHaveProperty('code')
    })

    test('is turned away, and nothing kept, where no accounts are made', async () => {
      const login = newcomer({ email: `${randomUUID()}@acme.test`, email_verified: true })
      expect(await errorOf(login, { upstream: 'closed' })).toBe('upstream-no-account')
      expect(await userOf(login)).toBeUndefined()
      expect(await auditEvents()).toEqual([
        { event: 'upstream.refused', provider: 'closed', error: 'upstream-no-account', reason: expect.any(String) },
      ])
    })

    test('who comes back in two tabs at once is one person', async () => {
      const login = newcomer({ email: `${randomUUID()}@acme.test`, email_verified: true })
      const visits = await Promise.all(Array.from({ length: 6 }, () => visitSignIn(app)))
      const ends = await Promise.all(visits.map((visit) => signInThrough(visit, login)))
      for (const end of ends) expect(answerAtApp(end)).toHaveProperty('code')
      const made = await app.store.db.selectFrom('users').selectAll().where('sso_id', '=', `acme|${login}`).execute()
      expect(made).toHaveLength(1)
    })

    test('at two providers under the same subject is two people', async () => {
      const login = newcomer()
      other.accounts.set(login, {})
      await visitThrough(app, login)
      await visitThrough(app, login, { upstream: 'other' })
      expect((await userOf(login))?.id).not.toBe((await userOf(login, other.issuer))?.id)
    })

    test('is the same person under two entries of one issuer', async () => {
      const login = newcomer()
      await visitThrough(app, login)
      expect(answerAtApp(await visitThrough(app, login, { upstream: 'closed' }))).toHaveProperty('code')
    })
  })

  describe('an e-mail address never decides who somebody is', () => {
    test.each([
      ['unverified at the provider', { email: 'ada@demo.test' }, 'by-email', 'upstream-email-unverified'],
      ['said to be unverified', { email: 'ada@demo.test', email_verified: false }, 'acme', 'upstream-email-unverified'],
      ['unverified here', { email: 'ben@demo.test', email_verified: true }, 'by-email', 'upstream-account-exists'],
      [
        'a mere username here',
        { email: 'named@demo.test', email_verified: true },
        'by-email',
        'upstream-account-exists',
      ],
      [
        'a guest’s template’s',
        { email: 'visitor@demo.test', email_verified: true },
        'by-email',
        'upstream-account-exists',
      ],
      [
        'verified on both sides, unless the operator wants them matched',
        { email: 'ADA@demo.test', email_verified: true },
        'acme',
        'upstream-account-exists',
      ],
    ])('%s it leads to a refusal of its own', async (_what, claims, upstream, code) => {
      const login = newcomer(claims)
      expect(await errorOf(login, { upstream })).toBe(code)
      expect(await userOf(login)).toBeUndefined()
      expect(await auditEvents()).toContainEqual(expect.objectContaining({ event: 'upstream.refused', error: code }))
    })

    test('a disabled person’s account is not to be connected', async () => {
      await app.store.db.updateTable('users').set({ disabled_at: 1 }).where('username', '=', 'ada').execute()
      const login = newcomer({ email: 'ada@demo.test', email_verified: true })
      expect(await errorOf(login, { upstream: 'by-email' })).toBe('upstream-account-exists')
    })

    test('whoever changes it at the provider stays who they were', async () => {
      const login = newcomer({ email: `${randomUUID()}@acme.test`, email_verified: true })
      await visitThrough(app, login)
      const before = await userOf(login)
      acme.accounts.set(login, { email: 'ada@demo.test', email_verified: true })
      expect(answerAtApp(await visitThrough(app, login))).toHaveProperty('code')
      expect(await userOf(login)).toEqual(before)
    })
  })

  describe.each(['by-email', 'by-email-closed'])(
    'an account with the same verified address, through %s',
    (upstream) => {
      async function askedToConnect() {
        const login = newcomer({ email: 'Ada@demo.test', email_verified: true })
        const visit = await visitSignIn(app)
        const state = pageOf(await signInThrough(visit, login, { upstream }), 'sign-in')
        return { ...visit, login, state }
      }

      test('is connected once its owner has signed in to it, and from then on the provider is enough', async () => {
        const { browser, login, state } = await askedToConnect()
        const view = { name: upstream, label: 'Acme' }
        expect(state).toMatchObject({ username: 'Ada@demo.test', connect: { upstream: view, email: 'Ada@demo.test' } })
        expect(state.error).toBeUndefined()
        expect(await userOf(login)).toBeUndefined()
        const step = signInStep({ username: 'ada@demo.test', password: PASSWORD })
        expect(answerAtApp(await browser.follow(await browser.postForm(state.action, step)))).toHaveProperty('code')
        expect(await userOf(login)).toMatchObject({ username: 'ada' })
        expect(await auditEvents()).toContainEqual({
          event: 'identity.linked',
          provider: upstream,
          subject: login,
          how: 'sign-in',
        })
        expect(answerAtApp(await visitThrough(app, login, { upstream }))).toHaveProperty('code')
      })

      test('is not connected by a wrong password, which can be corrected', async () => {
        const { browser, login, state } = await askedToConnect()
        const wrong = signInStep({ username: 'ada', password: 'not hers' })
        const again = pageOf(await browser.postForm(state.action, wrong), 'sign-in')
        expect(again).toMatchObject({ error: { code: 'wrong-credentials' }, connect: { email: 'Ada@demo.test' } })
        expect(await userOf(login)).toBeUndefined()
        await browser.follow(await browser.postForm(state.action, signInStep({ username: 'ada', password: PASSWORD })))
        expect(await userOf(login)).toMatchObject({ username: 'ada' })
      })

      test('is not connected by signing in as somebody else', async () => {
        const { browser, login, state } = await askedToConnect()
        const ben = signInStep({ username: 'ben', password: PASSWORD })
        expect(answerAtApp(await browser.follow(await browser.postForm(state.action, ben)))).toHaveProperty('code')
        expect(await userOf(login)).toBeUndefined()
      })

      test('is not connected after “Not now”', async () => {
        const { browser, login, state } = await askedToConnect()
        const plain = pageOf(await browser.postForm(state.action, { step: 'forget-upstream' }), 'sign-in')
        expect(plain.connect).toBeUndefined()
        await browser.follow(await browser.postForm(state.action, signInStep({ username: 'ada', password: PASSWORD })))
        expect(await userOf(login)).toBeUndefined()
      })

      test('is not connected in another sign-in of the same browser', async () => {
        const { browser, login } = await askedToConnect()
        const { state } = await visitSignIn(app, { browser })
        expect(state.connect).toBeUndefined()
        await browser.follow(await browser.postForm(state.action, signInStep({ username: 'ada', password: PASSWORD })))
        expect(await userOf(login)).toBeUndefined()
      })

      test('is not connected when the address stops being theirs meanwhile', async () => {
        const { browser, login, state } = await askedToConnect()
        const setVerified = (email_verified: number) =>
          app.store.db.updateTable('users').set({ email_verified }).where('username', '=', 'ada').execute()
        await setVerified(0)
        await browser.follow(await browser.postForm(state.action, signInStep({ username: 'ada', password: PASSWORD })))
        await setVerified(1)
        expect(await userOf(login)).toBeUndefined()
      })

      test('can be connected by signing in to it through another provider', async () => {
        const there = randomUUID()
        other.accounts.set(there, {})
        const ada = await app.store.db
          .selectFrom('users')
          .select('id')
          .where('username', '=', 'ada')
          .executeTakeFirstOrThrow()
        await app.store.db
          .insertInto('identities')
          .values({ tenant: 'demo', issuer: other.issuer, subject: there, user_id: ada.id, linked_at: 1 })
          .execute()
        const { browser, login, state } = await askedToConnect()
        const turned = await new Visitor().turnBack(await chooseUpstream(browser, state, 'other'))
        const again = pageOf(await comeBack(browser, turned), 'sign-in')
        expect(again).toMatchObject({ error: { code: 'upstream-denied' }, connect: { email: 'Ada@demo.test' } })
        expect(answerAtApp(await signInThrough({ browser, state }, there, { upstream: 'other' }))).toHaveProperty(
          'code',
        )
        expect(await userOf(login)).toMatchObject({ username: 'ada' })
      })
    },
  )

  describe('somebody the operator named by sso_id', () => {
    test('is known when they first come', async () => {
      acme.accounts.set('announced-at-acme', {})
      expect(answerAtApp(await visitThrough(app, 'announced-at-acme', { upstream: 'acme' }))).toHaveProperty('code')
      expect(await userOf('announced-at-acme')).toMatchObject({ username: 'announced' })
      expect(await auditEvents()).toContainEqual(expect.objectContaining({ event: 'identity.linked', how: 'sso_id' }))
    })

    test('is not whoever has that subject at another issuer the name is given to later', async () => {
      const login = newcomer()
      await visitThrough(app, login)
      const next = await startUpstream()
      next.accounts.set(login, {})
      const tenant = { upstream: [next.entry({ provision: true })], clients: [aClient({ consent: 'skip' })] }
      const later = await startTestApp({ config: aConfig({ tenant }), store: app.store })
      expect(answerAtApp(await visitThrough(later, login))).toHaveProperty('code')
      expect((await userOf(login, next.issuer))?.id).not.toBe((await userOf(login))?.id)
      await later.close()
      await next.close()
    })
  })
})
