import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStore } from '../../store/open-store.ts'
import type { Store } from '../../store/store.ts'
import { createDpopKey } from '../../test/dpop-key.ts'
import { basicAuth, obtainCode, postToEndpoint, refresh, signedIn } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { aClient, aConfidentialClient, aConfig, ISSUER, REDIRECT_URI } from '../../test/test-config.ts'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const MINUTE = 60

const advance = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

describe('a client whose refresh tokens stay the same', () => {
  let store: Store
  let rotating: TestApp
  let app: TestApp

  /** Two nodes on one database: one before the operator set `fixed`, one after. */
  beforeAll(async () => {
    store = await openStore('sqlite::memory:')
    const withClient = (overrides: Record<string, unknown>) =>
      startTestApp({ store, config: aConfig({ tenant: { clients: [aClient(overrides)] } }) })
    rotating = await withClient({})
    app = await withClient({ refresh_token_rotation: 'fixed', refresh_token_ttl: 30 * MINUTE })
  })
  afterAll(async () => {
    await Promise.all([app.close(), rotating.close()])
    await store.close()
  })
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => vi.useRealTimers())

  it('gets access tokens only, and the end of its refresh token never moves', async () => {
    const { refreshToken } = await signedIn(app)
    for (let turn = 0; turn < 2; turn++) {
      advance(14 * MINUTE)
      const { status, body } = await refresh(app, { token: refreshToken })
      expect(status).toBe(200)
      expect(body).toHaveProperty('access_token')
      expect(body).not.toHaveProperty('refresh_token')
    }
    advance(3 * MINUTE)
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
  })

  it('is refused once it signed out', async () => {
    const { refreshToken, idToken, browser } = await signedIn(app)
    await browser.open(`${ISSUER}/logout?id_token_hint=${idToken}`)
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
  })

  it('may have rotated before: the newest token goes on, a spent one stays spent', async () => {
    const { refreshToken: spent } = await signedIn(rotating)
    const live = String((await refresh(rotating, { token: spent })).body.refresh_token)
    expect((await refresh(app, { token: live })).status).toBe(200)
    advance(MINUTE)
    expect(await refresh(app, { token: spent })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: live })).toMatchObject(invalidGrant)
  })

  it('may have missed its last rotation: it is given that token within the grace', async () => {
    const { refreshToken: spent } = await signedIn(rotating)
    const live = String((await refresh(rotating, { token: spent })).body.refresh_token)
    expect((await refresh(app, { token: spent })).body.refresh_token).toBe(live)
  })
})

describe('a client with a secret', () => {
  let app: TestApp
  beforeAll(async () => {
    const clients = [aConfidentialClient({ client_id: 'catalog', redirect_uris: [REDIRECT_URI] })]
    app = await startTestApp({ config: aConfig({ tenant: { clients } }) })
  })
  afterAll(() => app.close())

  it('may refresh with a new DPoP key, which its access tokens are then bound to (RFC 9449 section 5)', async () => {
    const headers = basicAuth('catalog')
    const unproved = { code_challenge: null, code_challenge_method: null }
    const code = await obtainCode(app.browser(), { verifier: '', challenge: '' }, { overrides: unproved })
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI }
    const first = await postToEndpoint(app, 'token', form, { key: await createDpopKey(), headers })
    const renewal = { grant_type: 'refresh_token', refresh_token: String(first.body.refresh_token) }
    const second = await postToEndpoint(app, 'token', renewal, { key: await createDpopKey(), headers })
    expect(second).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
  })
})
