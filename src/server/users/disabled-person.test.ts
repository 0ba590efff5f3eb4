import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAudit } from '../audit/audit.ts'
import { findUserByName } from '../store/users.ts'
import { aPkce, authorizeUrl, basicAuth, obtainCode, postToEndpoint, redeem, refresh, signedIn } from '../test/flows.ts'
import { visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestResponse } from '../test/test-browser.ts'
import { ADA, aClient, aConfidentialClient, aConfig, ORDERS_SECRET } from '../test/test-config.ts'
import { userinfo } from '../test/userinfo.ts'
import { signInThrough } from '../upstream/test/sign-in-through.ts'
import { startUpstream, type UpstreamServer } from '../upstream/test/upstream-server.ts'
import { disablePerson } from './disable-person.ts'

const MEMBER_GRANT = 'urn:portico:grant-type:member'

let acme: UpstreamServer
let app: TestApp
beforeAll(async () => {
  acme = await startUpstream()
  acme.accounts.set('ada', {})
  const clients = [
    aClient({ consent: 'skip' }),
    aClient({ client_id: 'mobile', grant_types: ['password', 'refresh_token'], redirect_uris: [] }),
    aConfidentialClient({ client_id: 'elevated', grant_types: [MEMBER_GRANT], redirect_uris: [] }),
    aConfidentialClient(),
  ]
  const users = [{ ...ADA, sso_id: 'acme|ada' }]
  app = await startTestApp({ config: aConfig({ tenant: { clients, users, upstream: [acme.entry()] } }) })
})
afterAll(async () => {
  await app.close()
  await acme.close()
})
beforeEach(() => app.store.db.updateTable('users').set({ disabled_at: null }).execute())

async function disable(): Promise<void> {
  const user = await findUserByName(app.store.db, 'demo', 'ada')
  const audit = createAudit(app.store, { info: () => {} })
  await disablePerson({ store: app.store, audit }, { tenant: 'demo', userId: user?.id ?? '' }, Date.now())
}

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
