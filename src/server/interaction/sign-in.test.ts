import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hashArgon2 } from '../passwords/argon2.ts'
import { answerAtApp, pageOf, signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser, TestResponse } from '../test/test-browser.ts'
import { ADA, aConfig, BEN } from '../test/test-config.ts'

const WRONG = { ...ADA, password: 'copper kettle at dusk' }
const LONG = { username: 'long', password: `${'a phrase of words '.repeat(12)}end` }
const SPACED = { username: 'spaced', password: ' two  spaces, ünïcode 🔑 ' }
const users = [
  { ...ADA, name: 'Ada Okafor', email: 'ada@demo.test' },
  BEN,
  LONG,
  SPACED,
  { username: 'visitor', guest_template: true },
  { username: 'linked', sso_id: 'acme|linked' },
]
const clients = [
  {
    client_id: 'catalog',
    client_name: 'Catalog',
    client_uri: 'http://localhost:3001/',
    consent: 'skip',
    redirect_uris: ['http://localhost:3001/callback'],
  },
]

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ config: aConfig({ tenant: { users, clients } }) })
})
afterAll(() => app.close())

describe('the sign-in page', () => {
  test('names the shop and the app that asks, and takes a name the app knows', async () => {
    const { response, state } = await visitSignIn(app, { overrides: { login_hint: 'ada@demo.test' } })
    expect(response.status).toBe(200)
    expect(state).toMatchObject({
      tenant: { id: 'demo', name: 'Demo Store' },
      client: { name: 'Catalog', uri: 'http://localhost:3001/' },
      username: 'ada@demo.test',
    })
    expect(state.notice).toBeUndefined()
  })

  test('is data for a program at the same address', async () => {
    const { browser, state } = await visitSignIn(app)
    const response = await browser.get(state.action, { accept: 'application/json' })
    expect(response.headers).toMatchObject({
      'content-type': expect.stringContaining('application/json'),
      'cache-control': 'no-store',
    })
    const { sealedRequest: _differs, ...same } = state
    expect(JSON.parse(response.body)).toMatchObject(same)
  })
})

/** A form is answered with a page or a redirect, JSON with the same thing as data. */
const kinds = {
  form: {
    post: (browser: TestBrowser, address: string, fields: Record<string, string>) => browser.postForm(address, fields),
    stateOf: (response: TestResponse) => pageOf(response, 'sign-in'),
    next: (response: TestResponse) => response.location?.href ?? '',
    refused: 422,
    accepted: 303,
  },
  JSON: {
    post: (browser: TestBrowser, address: string, fields: Record<string, string>) => browser.postJson(address, fields),
    stateOf: (response: TestResponse) => JSON.parse(response.body).state,
    next: (response: TestResponse) => JSON.parse(response.body).redirectTo,
    refused: 200,
    accepted: 200,
  },
}

describe.each(['form', 'JSON'] as const)('a step sent as %s', (kind) => {
  const { post, stateOf, next, refused, accepted } = kinds[kind]

  async function take(fields: Record<string, string>) {
    const { browser, state } = await visitSignIn(app)
    return { browser, response: await post(browser, state.action, fields) }
  }

  test('with a wrong password keeps the name and does not say which half was wrong', async () => {
    const { response } = await take(signInStep(WRONG))
    expect(response.status).toBe(refused)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(stateOf(response)).toMatchObject({ username: 'ada', error: { code: 'wrong-credentials' } })
    expect(response.body).not.toContain(WRONG.password)
  })

  test.each([
    ['missing-username', { username: '  ', password: 'x' }],
    ['missing-password', { username: 'ada', password: '' }],
  ])('says %s when that field was left empty', async (code, fields) => {
    const { response } = await take(signInStep(fields))
    expect(response.status).toBe(refused)
    expect(stateOf(response)).toMatchObject({ username: fields.username, error: { code } })
  })

  test('can be corrected, and then leads on to the app', async () => {
    const { browser, response } = await take(signInStep(WRONG))
    const corrected = await post(browser, stateOf(response).action, signInStep())
    expect(corrected.status).toBe(accepted)
    expect(answerAtApp(await browser.get(next(corrected)))).toHaveProperty('code')
  })

  test.each<[string, Record<string, string>]>([
    ['no step', { username: 'ada', password: 'x' }],
    ['a step that does not exist', { step: 'become-admin' }],
    ['no password field', { step: 'sign-in', username: 'ada' }],
    ['a decision that does not exist', { step: 'consent', decision: 'maybe' }],
  ])('with %s is refused with 400', async (_what, fields) => {
    const { response } = await take(fields)
    expect(response.status).toBe(400)
  })

  test.each([
    ['long', LONG],
    ['with spaces at both ends and other scripts', SPACED],
  ])('takes a password that is %s exactly as typed', async (_what, person) => {
    const { browser, response } = await take(signInStep(person))
    expect(answerAtApp(await browser.get(next(response)))).toHaveProperty('code')
    for (const password of [person.password.slice(0, -1), person.password.trim().slice(0, 72), `${person.password} `]) {
      const other = await take(signInStep({ ...person, password }))
      expect(stateOf(other.response)).toMatchObject({ error: { code: 'wrong-credentials' } })
    }
  })

  test.each(['ADA', ' ada ', 'Ada@Demo.test'])('knows a person who types %j', async (username) => {
    const { browser, response } = await take(signInStep({ ...ADA, username }))
    expect(answerAtApp(await browser.get(next(response)))).toHaveProperty('code')
  })
})

describe('stored passwords', () => {
  const hashOf = async (username: string) => {
    const row = await app.store.db.selectFrom('users').selectAll().where('username', '=', username).executeTakeFirst()
    return row?.password_hash ?? ''
  }
  const asNow = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

  test('are Argon2id at 19 MiB and two passes', async () => {
    expect(await hashOf('ada')).toMatch(asNow)
  })

  test('that were hashed more weakly elsewhere are hashed anew by the sign-in that proves them', async () => {
    const weak = await hashArgon2('brought along', { memoryKiB: 8_192, passes: 1, lanes: 1 })
    await app.store.db.updateTable('users').set({ password_hash: weak }).where('username', '=', 'linked').execute()
    const signIn = async (password: string) => {
      const { browser, state } = await visitSignIn(app)
      return browser.postForm(state.action, signInStep({ username: 'linked', password }))
    }
    expect((await signIn('something else')).status).toBe(422)
    expect(await hashOf('linked')).toBe(weak)
    expect((await signIn('brought along')).status).toBe(303)
    expect(await hashOf('linked')).toMatch(asNow)
    expect((await signIn('brought along')).status).toBe(303)
    await app.store.db.updateTable('users').set({ password_hash: null }).where('username', '=', 'linked').execute()
  })
})

describe('nobody learns from an answer whether a name exists', () => {
  test.each([
    ['an unknown name', { username: 'nobody', password: 'x' }],
    ['a name of control characters', { username: 'a\u0000da', password: 'x' }],
    ['a guest’s template', { username: 'visitor', password: 'x' }],
    ['somebody without a password', { username: 'linked', password: 'x' }],
    ['somebody disabled', { ...BEN, password: 'x' }],
  ])('%s is answered like a wrong password, word for word', async (_who, person) => {
    await app.store.db.updateTable('users').set({ disabled_at: 1 }).where('username', '=', BEN.username).execute()
    expect(await answersTo(person)).toEqual(await answersTo(WRONG))
  })

  test('too many failures are answered alike, too, and after as many', async () => {
    const tries = async (person: typeof WRONG) => {
      const answers = []
      for (let index = 0; index < 6; index++) answers.push(...(await answersTo(person)))
      return answers
    }
    await app.store.db.deleteFrom('throttles').execute()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const known = await tries(WRONG)
    expect(known.map(({ status }) => status)).toEqual([...Array(5).fill([422, 200]).flat(), 429, 429])
    expect(await tries({ username: 'nobody', password: 'x' })).toEqual(known)
    vi.useRealTimers()
  })

  async function answersTo(person: { username: string; password: string }) {
    const { browser, state } = await visitSignIn(app)
    const page = await browser.postForm(state.action, signInStep(person))
    const data = await browser.postJson(state.action, signInStep(person))
    return [page, data].map((response) => comparable(response, person.username))
  }

  /** Without what differs between any two answers: nonce, sealed request, the interaction's id, and the name typed. */
  function comparable({ status, headers, body }: TestResponse, username: string) {
    const { date: _date, 'content-length': _length, ...rest } = headers
    const sameForAll = (text: string) =>
      text
        .replaceAll(/nonce(-|=")[\w+/=]+/g, 'nonce')
        .replaceAll(/v1\.[\w-]+\.[\w-]+/g, 'sealed')
        .replaceAll(/interaction\/[\w-]+/g, 'interaction')
        .replaceAll(JSON.stringify(username), '"name"')
        .replaceAll(`value="${username}"`, 'value="name"')
    return { status, headers: sameForAll(JSON.stringify(rest)), body: sameForAll(body) }
  }
})

describe('every name costs one check of a password', () => {
  let small: TestApp
  beforeAll(async () => {
    const file = { limits: { password_checks: 1, password_queue: 2 } }
    small = await startTestApp({ config: aConfig({ file, tenant: { users, clients } }) })
  })
  afterAll(() => small.close())

  /** One is checked, two wait, so of five at once two are turned away: if each of them takes a place. */
  test.each([
    ['a wrong password', WRONG],
    ['an unknown name', { username: 'nobody', password: 'x' }],
    ['a guest’s template', { username: 'visitor', password: 'x' }],
    ['somebody without a password', { username: 'linked', password: 'x' }],
  ])('also for %s', async (_who, person) => {
    const visits = await Promise.all(Array.from({ length: 5 }, () => visitSignIn(small)))
    const answers = await Promise.all(
      visits.map(({ browser, state }) => browser.postJson(state.action, signInStep(person))),
    )
    const codes = answers.map(({ body }) => JSON.parse(body).state.error.code)
    expect(codes.toSorted()).toEqual(['busy', 'busy', 'wrong-credentials', 'wrong-credentials', 'wrong-credentials'])
  })
})
