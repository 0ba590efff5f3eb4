import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { describeStores } from '../store/test/open-test-stores.ts'
import { aPkce, authorizeUrl } from '../test/flows.ts'
import { pageOf, signInStep, visitSignIn } from '../test/portal-steps.ts'
import { type NodeProcess, startNodes } from '../test/start-nodes.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser, TestResponse } from '../test/test-browser.ts'
import { ADA, aConfig, BEN } from '../test/test-config.ts'

const WRONG = { ...ADA, password: 'copper kettle at dusk' }
/** Few, because each costs a real check of a password. */
const lockout = { failures: 3, seconds: 120 }

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ config: aConfig({ tenant: { lockout } }) })
})
afterAll(() => app.close())
beforeEach(async () => {
  await app.store.db.deleteFrom('throttles').execute()
})
afterEach(() => void vi.useRealTimers())

/** One try in a browser that nobody knows. */
async function tryOnce(
  person = WRONG,
  { at = app, headers = {} }: { at?: TestApp; headers?: Record<string, string> } = {},
) {
  const { browser, state } = await visitSignIn(at)
  return browser.postJson(state.action, signInStep(person), headers)
}

const codeOf = ({ body }: TestResponse) => JSON.parse(body).state?.error.code ?? 'signed in'

async function codesOf(times: number, ...given: Parameters<typeof tryOnce>): Promise<string[]> {
  const codes = []
  for (let index = 0; index < times; index++) codes.push(codeOf(await tryOnce(...given)))
  return codes
}

describe('after too many wrong passwords', () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    expect(await codesOf(3)).toEqual(Array(3).fill('wrong-credentials'))
  })

  test('the page says when to try again, keeps the name, and takes no password, also the right one', async () => {
    const { browser, state } = await visitSignIn(app)
    for (const person of [WRONG, ADA]) {
      const response = await browser.postForm(state.action, signInStep(person))
      expect(response).toMatchObject({ status: 429, headers: { 'retry-after': '120', 'cache-control': 'no-store' } })
      expect(pageOf(response, 'sign-in')).toMatchObject({
        username: 'ada',
        error: { code: 'too-many-attempts', retryAfterSeconds: 120 },
      })
    }
  })

  test('data says the same', async () => {
    const response = await tryOnce(ADA)
    expect(response).toMatchObject({ status: 429, headers: { 'retry-after': '120' } })
    expect(JSON.parse(response.body).state).toMatchObject({
      username: 'ada',
      error: { code: 'too-many-attempts', retryAfterSeconds: 120 },
    })
  })

  test('so does a page that ran out, whose step goes on elsewhere', async () => {
    const { browser, state } = await visitSignIn(app)
    await app.store.db.deleteFrom('engine_records').execute()
    const response = await browser.postForm(state.action, { ...signInStep(), sealed_request: state.sealedRequest })
    expect(response).toMatchObject({ status: 429, headers: { 'retry-after': '120' } })
    expect(pageOf(response, 'sign-in').error).toMatchObject({ code: 'too-many-attempts' })
  })

  test('somebody else signs in meanwhile, and everybody later', async () => {
    expect(codeOf(await tryOnce(BEN))).toBe('signed in')
    vi.setSystemTime(Date.now() + 120_000)
    expect(codeOf(await tryOnce(ADA))).toBe('signed in')
  })
})

describe('a browser somebody has signed in with', () => {
  async function signIn(browser: TestBrowser, person = ADA, at = app): Promise<TestResponse> {
    const { state } = await visitSignIn(at, { browser, overrides: { prompt: 'login' } })
    return browser.postJson(state.action, signInStep(person))
  }

  test('lets them in whatever strangers try, and has a count of its own', async () => {
    const known = app.browser()
    await signIn(known)
    await codesOf(4)
    expect(codeOf(await tryOnce(ADA))).toBe('too-many-attempts')
    expect(codeOf(await signIn(known))).toBe('signed in')
    for (let index = 0; index < 3; index++) expect(codeOf(await signIn(known, WRONG))).toBe('wrong-credentials')
    expect(codeOf(await signIn(known))).toBe('too-many-attempts')
  })

  test('is nobody’s but those who did', async () => {
    const known = app.browser()
    await signIn(known, BEN)
    await codesOf(4)
    expect(codeOf(await signIn(known))).toBe('too-many-attempts')
  })

  test('knows several people', async () => {
    const known = app.browser()
    for (const person of [ADA, BEN]) await signIn(known, person)
    await codesOf(4)
    expect(codeOf(await signIn(known))).toBe('signed in')
  })

  test('shows it by a cookie that pages can’t read, other sites don’t send, and nobody else can make', async () => {
    const known = app.browser()
    const cookie = String((await signIn(known)).headers['set-cookie'])
    expect(cookie).toMatch(/^portico_demo_known=v1\.\S+; Path=\/demo; Max-Age=34560000; HttpOnly; SameSite=Lax$/)
    const [, userId] = [cookie, await idOf('ada')]
    expect(cookie).not.toContain(userId)
    await codesOf(4)
    const forged = `portico_demo_known=${Buffer.from(JSON.stringify({ id: randomUUID(), userIds: [userId] })).toString('base64url')}`
    const { browser, state } = await visitSignIn(app)
    const both = `${browser.cookieHeader(state.action)}; ${forged}`
    expect(codeOf(await browser.postJson(state.action, signInStep(), { cookie: both }))).toBe('too-many-attempts')
  })

  test('over https the cookie is bound to this host', async () => {
    const origin = 'https://id.example'
    const secure = await startTestApp({ config: aConfig({ file: { origin } }) })
    const browser = secure.browser()
    const { pathname, search } = new URL(authorizeUrl(aPkce()))
    const page = pageOf(await browser.open(`${origin}${pathname}${search}`), 'sign-in')
    const response = await browser.postJson(page.action, signInStep())
    expect(String(response.headers['set-cookie'])).toMatch(/^__Host-portico_demo_known=\S+ Path=\/; Secure; Max-Age=/)
    await secure.close()
  })

  async function idOf(username: string): Promise<string> {
    const row = await app.store.db.selectFrom('users').select('id').where('username', '=', username).executeTakeFirst()
    return row?.id ?? ''
  }
})

describe('an address', () => {
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })

  test('can’t be chosen: nobody believes a stranger’s X-Forwarded-For', async () => {
    const codes = []
    for (let index = 0; index < 5; index++) codes.push(...(await codesOf(1, WRONG, from(`10.${index}.0.1`))))
    expect(codes).toEqual([...Array(3).fill('wrong-credentials'), ...Array(2).fill('too-many-attempts')])
  })

  test('is what a trusted proxy says, last of all, whatever was sent to it', async () => {
    const behind = await startTestApp({
      config: aConfig({ tenant: { lockout }, file: { trusted_proxies: ['127.0.0.1'] } }),
    })
    const codes = []
    for (let index = 0; index < 5; index++)
      codes.push(...(await codesOf(1, WRONG, { at: behind, ...from(`10.${index}.0.1, 2001:db8:1:2::${index}`) })))
    expect(codes).toEqual([...Array(3).fill('wrong-credentials'), ...Array(2).fill('too-many-attempts')])
    expect(await codesOf(1, WRONG, { at: behind, ...from('2001:db8:1:3::1') })).toEqual(['wrong-credentials'])
    await behind.close()
  })
})

describe('two processes', () => {
  describeStores((openTestStore, databaseUrl) => {
    let processes: NodeProcess[]
    beforeAll(async () => {
      await openTestStore()
      const orders = [{ databaseUrl: databaseUrl() }]
      processes = await Promise.all([startNodes(orders), startNodes(orders)])
    })
    afterAll(() => Promise.all(processes.map((one) => one.kill())))

    test('together check ten of fifty wrong passwords that come at once, and then not the right one', async () => {
      const nodes = processes.flatMap((one) => one.nodes)
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const node = nodes[index % 2] as (typeof nodes)[number]
          const browser = node.browser()
          const page = pageOf(await browser.open(authorizeUrl(aPkce())), 'sign-in')
          return browser.postJson(page.action, signInStep({ ...ADA, password: `guess ${index}` }))
        }),
      )
      const codes = answers.map(codeOf)
      expect(codes.filter((code) => code === 'wrong-credentials')).toHaveLength(10)
      expect(codes.filter((code) => code === 'too-many-attempts')).toHaveLength(40)
      expect(answers.filter(({ status, headers }) => status === 429 && headers['retry-after'])).toHaveLength(40)
    })
  })
})
