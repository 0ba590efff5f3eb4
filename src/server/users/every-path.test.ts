import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAudit } from '../audit/audit.ts'
import { putOneTimePassword } from '../store/one-time-passwords.ts'
import { findUserByName } from '../store/users.ts'
import { aPkce, authorizeUrl, basicAuth, obtainCode, postToEndpoint, redeem, refresh, signedIn } from '../test/flows.ts'
import { signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestResponse } from '../test/test-browser.ts'
import { ADA, aClient, aConfidentialClient, aConfig, BEN, ORDERS_SECRET } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'
import { signInThrough } from '../upstream/test/sign-in-through.ts'
import { startUpstream, type UpstreamServer } from '../upstream/test/upstream-server.ts'
import { disablePerson } from './disable-person.ts'

const CODE = 'BCDF-GHJK-LMNP-QRST'
const WRONG = { ...ADA, password: 'copper kettle at dusk' }
/** Few, because each costs a real check of a password. */
const lockout = { failures: 3, seconds: 120 }
const MEMBER_GRANT = 'urn:portico:grant-type:member'

let acme: UpstreamServer
let app: TestApp
beforeAll(async () => {
  acme = await startUpstream()
  acme.accounts.set('ada', {})
  const clients = [
    aClient({ consent: 'skip' }),
    aClient({ client_id: 'mobile', grant_types: ['password', 'refresh_token'], redirect_uris: [] }),
    aConfidentialClient({ client_id: 'elevated', grant_types: ['password', MEMBER_GRANT], redirect_uris: [] }),
    aConfidentialClient(),
  ]
  const users = [{ ...ADA, sso_id: 'acme|ada', email: 'ada@demo.test' }, BEN]
  app = await startTestApp({ config: aConfig({ tenant: { lockout, clients, users, upstream: [acme.entry()] } }) })
})
afterAll(async () => {
  await app.close()
  await acme.close()
})
beforeEach(async () => {
  const { db } = app.store
  await db.deleteFrom('throttles').execute()
  await db.deleteFrom('one_time_passwords').execute()
  await db.updateTable('users').set({ disabled_at: null }).execute()
})
afterEach(() => void vi.useRealTimers())

type Outcome = 'in' | 'wrong' | 'disabled' | 'paused'
type Headers = Record<string, string>

/** A way in with a name and a password: who comes by it, and what it answers. */
interface Path {
  clientId: string
  signIn(person: typeof ADA, headers?: Headers): Promise<Outcome>
}

async function page(person: typeof ADA, headers: Headers = {}): Promise<Outcome> {
  const { browser, state } = await visitSignIn(app)
  const { status, headers: said, body } = await browser.postJson(state.action, signInStep(person), headers)
  const outcome = OUTCOMES[JSON.parse(body).state?.error.code] ?? 'in'
  if (outcome === 'paused') expect({ status, said }).toMatchObject({ status: 429, said: { 'retry-after': '120' } })
  return outcome
}

const OUTCOMES: Record<string, Outcome> = {
  'too-many-attempts': 'paused',
  'wrong-credentials': 'wrong',
  'account-disabled': 'disabled',
}

async function grant(fields: Record<string, string>, headers: Headers): Promise<Outcome> {
  const {
    status,
    headers: said,
    body,
  } = await postToEndpoint(app, 'token', { grant_type: 'password', ...fields }, { headers })
  if (status === 200) return 'in'
  if (status === 429) {
    expect({ said, body }).toMatchObject({ said: { 'retry-after': '120' }, body: { error: 'slow_down' } })
    return 'paused'
  }
  expect(body.error).toBe('invalid_grant')
  return String(body.error_description).includes('disabled') ? 'disabled' : 'wrong'
}

const paths: Record<string, Path> = {
  'the sign-in page': { clientId: 'catalog', signIn: page },
  'the password grant': {
    clientId: 'mobile',
    signIn: (person, headers = {}) => grant({ ...person, client_id: 'mobile' }, headers),
  },
  'the password grant with a secret': {
    clientId: 'elevated',
    signIn: (person, headers = {}) => grant(person, { ...basicAuth('elevated', ORDERS_SECRET), ...headers }),
  },
}
const everyPath = Object.entries(paths)

async function outcomesOf(times: number, path: Path, person = WRONG): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let index = 0; index < times; index++) outcomes.push(await path.signIn(person))
  return outcomes
}

async function mailCode(clientId: string): Promise<void> {
  const user = await findUserByName(app.store.db, 'demo', 'ada')
  const mailed = { tenant: 'demo', userId: user?.id ?? '', clientId, tries: 5, expiresAt: Date.now() + 600_000 }
  await putOneTimePassword(app.store.db, { ...mailed, password: CODE.replaceAll('-', '') })
}

async function disable(): Promise<void> {
  const user = await findUserByName(app.store.db, 'demo', 'ada')
  const audit = createAudit(app.store, { info: () => {} })
  await disablePerson({ store: app.store, audit }, { tenant: 'demo', userId: user?.id ?? '' }, Date.now())
}

describe.each(everyPath)('by %s', (_name, path) => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() }))

  test('too many failures pause every path, also for the right password and one that was mailed', async () => {
    expect(await outcomesOf(4, path)).toEqual(['wrong', 'wrong', 'wrong', 'paused'])
    for (const [, other] of everyPath) {
      await mailCode(other.clientId)
      expect(await other.signIn(ADA)).toBe('paused')
      expect(await other.signIn({ ...ADA, password: CODE })).toBe('paused')
    }
    expect(await path.signIn(BEN)).toBe('in')
    vi.setSystemTime(Date.now() + 120_000)
    expect(await path.signIn(ADA)).toBe('in')
  })

  test('failures count together with those of the other paths', async () => {
    const outcomes = []
    for (const [, other] of everyPath) outcomes.push(await other.signIn(WRONG))
    expect(outcomes).toEqual(Array(3).fill('wrong'))
    expect(await path.signIn(ADA)).toBe('paused')
  })

  test('a name that nobody has is paused like any other', async () => {
    const nobody = { username: 'nobody', password: 'x' }
    expect(await outcomesOf(4, path, nobody)).toEqual(['wrong', 'wrong', 'wrong', 'paused'])
  })

  test('neither a forwarded address nor another way to write the name helps', async () => {
    const outcomes = []
    for (const [index, username] of ['ada', 'ADA', ' ada ', 'Ada@Demo.Test', 'ａｄａ'].entries())
      outcomes.push(await path.signIn({ ...WRONG, username }, { 'x-forwarded-for': `10.0.${index}.1` }))
    expect(outcomes).toEqual(['wrong', 'wrong', 'wrong', 'paused', 'paused'])
  })

  test('a one-time password of this app signs in, once', async () => {
    await mailCode(path.clientId)
    expect(await path.signIn({ ...ADA, password: CODE })).toBe('in')
    expect(await path.signIn({ ...ADA, password: CODE })).toBe('wrong')
  })

  test('a one-time password of another app does not', async () => {
    await mailCode('another')
    expect(await path.signIn({ ...ADA, password: CODE })).toBe('wrong')
  })

  test('somebody disabled comes in by no password of theirs', async () => {
    await mailCode(path.clientId)
    await disable()
    expect(await path.signIn(ADA)).toBe('disabled')
    expect(await path.signIn({ ...ADA, password: CODE })).toBe('wrong')
  })
})

/** What somebody had or could do, each tried again once they are disabled; answers whether it still gets them anything. */
const ways: Record<string, () => Promise<() => Promise<boolean>>> = {
  'a portal session, at an app': async () => {
    const { browser } = await signedIn(app)
    return async () => isCode(await browser.get(authorizeUrl(aPkce(), { prompt: 'none' })))
  },
  'a code that was not redeemed yet': async () => {
    const pkce = aPkce()
    const code = await obtainCode(app.browser(), pkce)
    return async () => (await redeem(app, { code, pkce })).status === 200
  },
  'a refresh token': async () => {
    const { refreshToken } = await signedIn(app)
    return async () => (await refresh(app, { token: refreshToken })).status === 200
  },
  'a refresh token of the password grant': async () => {
    const { body } = await postToEndpoint(app, 'token', { grant_type: 'password', client_id: 'mobile', ...ADA })
    const fields = { client_id: 'mobile' }
    return async () => (await refresh(app, { token: String(body.refresh_token), fields })).status === 200
  },
  'an access token at userinfo': async () => {
    const { accessToken } = await signedIn(app)
    return async () => (await userinfo(app, accessToken)).status === 200
  },
  'an access token at introspection': async () => {
    const { accessToken } = await signedIn(app)
    return async () =>
      (await postToEndpoint(app, 'introspect', { token: accessToken }, { headers: basicAuth() })).body.active === true
  },
  'the member grant': async () => async () => {
    const headers = basicAuth('elevated', ORDERS_SECRET)
    const { status } = await postToEndpoint(app, 'token', { grant_type: MEMBER_GRANT, sso_id: 'acme|ada' }, { headers })
    return status === 200
  },
  'another provider': async () => async () => isCode(await signInThrough(await visitSignIn(app), 'ada')),
}

const isCode = ({ location }: TestResponse) => location?.searchParams.has('code') === true

describe('once somebody is disabled', () => {
  test.each(Object.entries(ways))('%s is worth nothing', async (_what, prepare) => {
    const stillWorks = await prepare()
    await disable()
    expect(await stillWorks()).toBe(false)
  })

  test.each(Object.entries(ways))('%s works as long as they are not', async (_what, prepare) => {
    const works = await prepare()
    expect(await works()).toBe(true)
  })
})
