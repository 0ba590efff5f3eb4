import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeStores } from '../../store/test/open-test-stores.ts'
import { createDpopKey } from '../../test/dpop-key.ts'
import { basicAuth, obtainCode, postToEndpoint, refresh, signedIn, type TokenResponse } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { aClient, aConfidentialClient, aConfig, ISSUER } from '../../test/test-config.ts'
import { type UnreliableStore, unreliable } from '../../test/unreliable-store.ts'
import { userinfo } from '../../test/userinfo.ts'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const MINUTE = 60
const DAY = 86_400

const refreshTokenOf = ({ body }: TokenResponse) => body.refresh_token ?? ''

/** Refreshes, and expects it to work. */
async function renew(app: TestApp, request: Parameters<typeof refresh>[1]): Promise<TokenResponse> {
  const answer = await refresh(app, request)
  expect(answer.status).toBe(200)
  return answer
}

function advance(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

describe('rotation', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => vi.useRealTimers())

  it('gives a new token with each refresh (RFC 9700 section 4.14.2)', async () => {
    const { refreshToken } = await signedIn(app)
    const seen = new Set([refreshToken])
    for (let turn = 0; turn < 3; turn++) {
      const answer = await renew(app, { token: [...seen].at(-1) ?? '' })
      seen.add(refreshTokenOf(answer))
    }
    expect(seen.size).toBe(4)
  })

  it('repeats the same successor within half a minute, with an access token of its own', async () => {
    const { refreshToken } = await signedIn(app)
    const first = await renew(app, { token: refreshToken })
    advance(29)
    const second = await renew(app, { token: refreshToken })
    expect(refreshTokenOf(second)).toBe(refreshTokenOf(first))
    expect(second.body.access_token).not.toBe(first.body.access_token)
  })

  it('repeats it also when the successor was used meanwhile, and starts no second chain', async () => {
    const { refreshToken } = await signedIn(app)
    const first = await renew(app, { token: refreshToken })
    const next = await renew(app, { token: refreshTokenOf(first) })
    expect(refreshTokenOf(await renew(app, { token: refreshToken }))).toBe(refreshTokenOf(first))
    expect(refreshTokenOf(await renew(app, { token: refreshTokenOf(first) }))).toBe(refreshTokenOf(next))
  })

  it('says truly when a repeated successor ends', async () => {
    const { refreshToken } = await signedIn(app)
    const first = await renew(app, { token: refreshToken })
    advance(20)
    const second = await renew(app, { token: refreshToken })
    expect(second.body.refresh_token_expires_at).toBe(first.body.refresh_token_expires_at)
    expect(second.body.refresh_token_expires_in).toBe(Number(first.body.refresh_token_expires_in) - 20)
  })

  it('ends the login when a token comes again after that, and no other (RFC 9700 section 4.14.2)', async () => {
    const stolen = await signedIn(app)
    const sameBrowser = await signedIn(app, { browser: stolen.browser })
    const otherDevice = await signedIn(app)
    const live = await renew(app, { token: stolen.refreshToken })
    advance(31)
    expect(await refresh(app, { token: stolen.refreshToken })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: refreshTokenOf(live) })).toMatchObject(invalidGrant)
    expect((await userinfo(app, live.body.access_token ?? '')).status).toBe(401)
    await renew(app, { token: sameBrowser.refreshToken })
    await renew(app, { token: otherDevice.refreshToken })
  })

  it('audits the end of such a login, without the token', async () => {
    const { refreshToken } = await signedIn(app)
    await renew(app, { token: refreshToken })
    advance(31)
    await refresh(app, { token: refreshToken })
    const entries = await app.store.db.selectFrom('audit').selectAll().where('event', '=', 'token.reused').execute()
    expect(entries.at(-1)).toMatchObject({ client_id: 'catalog', user_id: expect.any(String), at: Date.now() })
    expect(JSON.stringify(entries) + app.log.join('')).not.toContain(refreshToken)
  })

  it('repeats a successor that was never used for as long as it lives, to whoever proves the key', async () => {
    const key = await createDpopKey()
    const { refreshToken } = await signedIn(app, { key })
    const lost = await renew(app, { token: refreshToken, key })
    advance(3 * DAY)
    const found = await renew(app, { token: refreshToken, key })
    expect(refreshTokenOf(found)).toBe(refreshTokenOf(lost))
    await renew(app, { token: refreshTokenOf(found), key })
    advance(31)
    expect(await refresh(app, { token: refreshToken, key })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: refreshTokenOf(found), key })).toMatchObject(invalidGrant)
  })
})

describe('rotation as a client sets it', () => {
  let app: TestApp
  beforeAll(async () => {
    const clients = [
      aClient({ refresh_token_rotation: 'fixed' }),
      aConfidentialClient({ refresh_grace: 5, refresh_token_ttl: 10 * MINUTE, absolute_ttl: 15 * MINUTE }),
    ]
    app = await startTestApp({ config: aConfig({ tenant: { clients } }) })
  })
  afterAll(() => app.close())
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => vi.useRealTimers())

  it('may keep one token for the whole login', async () => {
    const { refreshToken } = await signedIn(app)
    for (let turn = 0; turn < 3; turn++) {
      const { body } = await renew(app, { token: refreshToken })
      expect([undefined, refreshToken]).toContain(body.refresh_token)
      advance(MINUTE)
    }
  })

  it('may be less patient', async () => {
    const token = await ordersToken(app)
    expect((await refreshAtOrders(app, token)).status).toBe(200)
    advance(6)
    expect(await refreshAtOrders(app, token)).toMatchObject(invalidGrant)
  })

  it('moves the idle end, never the absolute one (RFC 9700 section 4.14.2)', async () => {
    let token = await ordersToken(app)
    advance(9 * MINUTE)
    const second = await refreshAtOrders(app, token)
    expect(second.body.refresh_token_expires_in).toBe(6 * MINUTE)
    token = refreshTokenOf(second)
    advance(5 * MINUTE)
    const third = await refreshAtOrders(app, token)
    expect(third.body.refresh_token_expires_in).toBe(MINUTE)
    advance(MINUTE + 1)
    expect(await refreshAtOrders(app, refreshTokenOf(third))).toMatchObject(invalidGrant)
  })

  it('ends a login that lay idle', async () => {
    const token = await ordersToken(app)
    advance(10 * MINUTE + 1)
    expect(await refreshAtOrders(app, token)).toMatchObject(invalidGrant)
  })
})

describe('a refresh token is bound', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  it('to its client: another one gets nothing and harms nobody (RFC 6749 section 6)', async () => {
    const { refreshToken } = await signedIn(app)
    expect(await refreshAtOrders(app, refreshToken)).toMatchObject(invalidGrant)
    const live = await renew(app, { token: refreshToken })
    expect(await refreshAtOrders(app, refreshToken)).toMatchObject(invalidGrant)
    await renew(app, { token: refreshTokenOf(live) })
  })

  it('to the DPoP key of a public client: another, or none, gets nothing and harms nobody (RFC 9449 section 5)', async () => {
    const key = await createDpopKey()
    const { refreshToken } = await signedIn(app, { key })
    for (const wrong of [undefined, await createDpopKey()]) {
      expect(await refresh(app, { token: refreshToken, key: wrong })).toMatchObject(invalidGrant)
    }
    const live = await renew(app, { token: refreshToken, key })
    expect(await refresh(app, { token: refreshTokenOf(live) })).toMatchObject(invalidGrant)
    await renew(app, { token: refreshTokenOf(live), key })
  })

  it('to a person who may still sign in', async () => {
    const { refreshToken } = await signedIn(app)
    const setDisabled = (disabled_at: number | null) =>
      app.store.db.updateTable('users').set({ disabled_at }).where('username', '=', 'ada').execute()
    await setDisabled(Date.now())
    const answer = await refresh(app, { token: refreshToken })
    await setDisabled(null)
    expect(answer).toMatchObject(invalidGrant)
  })

  it('to its kind: an access token, an ID token or a code is none', async () => {
    const { accessToken, idToken, code } = await signedIn(app)
    for (const token of [accessToken, idToken, code, 'made-up']) {
      expect(await refresh(app, { token })).toMatchObject(invalidGrant)
    }
  })

  it('to the DPoP proof of its request, which works once (RFC 9449 section 11.1)', async () => {
    const key = await createDpopKey()
    const { refreshToken } = await signedIn(app, { key })
    const proof = await key.proof({ url: `${ISSUER}/token` })
    const form = { grant_type: 'refresh_token', client_id: 'catalog', refresh_token: refreshToken }
    const first = await postToEndpoint(app, 'token', form, { proof })
    expect(first.status).toBe(200)
    const replay = await postToEndpoint(app, 'token', { ...form, refresh_token: refreshTokenOf(first) }, { proof })
    // Not invalid_grant, which would sign the person out for a request a network sent twice.
    expect(replay).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } })
    await renew(app, { token: refreshTokenOf(first), key })
  })
})

describe('scope at refresh (RFC 6749 section 6)', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  const scope = 'openid profile email Shopper'
  const scopeOf = (answer: TokenResponse) => decodeJwt<{ scope?: string }>(answer.body.access_token ?? '').scope

  it('may be narrower, and is as wide as before the next time', async () => {
    const { refreshToken } = await signedIn(app, { overrides: { scope } })
    const narrow = await renew(app, { token: refreshToken, fields: { scope: 'openid email' } })
    expect(narrow.body.scope).toBe('openid email')
    expect(scopeOf(narrow)).toBe('openid email')
    expect(decodeJwt(narrow.body.id_token ?? '')).not.toHaveProperty('name')
    const wide = await renew(app, { token: refreshTokenOf(narrow) })
    expect(scopeOf(wide)?.split(' ').sort()).toEqual(scope.split(' ').sort())
    expect(wide.body.scope).toBe(scopeOf(wide))
  })

  it.each(['openid MeAdmin', 'openid profile email Shopper Browser', 'openid made-up'])(
    'is never wider: %s',
    async (wider) => {
      const { refreshToken } = await signedIn(app, { overrides: { scope } })
      const refused = await refresh(app, { token: refreshToken, fields: { scope: wider } })
      expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
      await renew(app, { token: refreshToken })
    },
  )

  it('is what each caller asked, also where the successor is repeated', async () => {
    const { refreshToken } = await signedIn(app, { overrides: { scope } })
    await renew(app, { token: refreshToken, fields: { scope: 'openid' } })
    const second = await renew(app, { token: refreshToken, fields: { scope: 'openid email' } })
    expect(scopeOf(second)).toBe('openid email')
  })
})

describe('of simultaneous refreshes', () => {
  describeStores((openTestStore) => {
    let nodes: [TestApp, TestApp]
    beforeAll(async () => {
      nodes = [
        await startTestApp({ store: await openTestStore() }),
        await startTestApp({ store: await openTestStore() }),
      ]
    })
    afterAll(() => Promise.all(nodes.map((node) => node.close())))

    it('on two nodes all 50 succeed with one successor', async () => {
      const [first, second] = nodes
      const { refreshToken } = await signedIn(first)
      const tries = Array.from({ length: 50 }, (_, index) =>
        refresh(index % 2 ? first : second, { token: refreshToken }),
      )
      const answers = await Promise.all(tries)
      expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
      const successors = new Set(answers.map(refreshTokenOf))
      expect(successors.size).toBe(1)
      const [successor = ''] = successors
      await renew(second, { token: successor })
      expect(await liveLeaves(first, String(decodeJwt(answers[0]?.body.access_token ?? '').sid))).toBe(1)
    })
  })
})

describe('when the machine fails', () => {
  describeStores((openTestStore) => {
    let app: TestApp
    let store: UnreliableStore
    beforeAll(async () => {
      store = unreliable(await openTestStore())
      app = await startTestApp({ store })
    })
    afterAll(() => app.close())

    it('before the commit, the same token still refreshes', async () => {
      const { refreshToken } = await signedIn(app)
      store.failBeforeNextCommit()
      expect((await refresh(app, { token: refreshToken })).status).toBe(500)
      const answer = await renew(app, { token: refreshToken })
      await renew(app, { token: refreshTokenOf(answer) })
    })

    it('after the commit, the same token gets the successor whose answer was lost', async () => {
      const { refreshToken, accessToken } = await signedIn(app)
      store.failAfterNextCommit()
      expect((await refresh(app, { token: refreshToken })).status).toBe(500)
      const answer = await renew(app, { token: refreshToken })
      await renew(app, { token: refreshTokenOf(answer) })
      expect(await liveLeaves(app, String(decodeJwt(accessToken).sid))).toBe(1)
    })

    it('and starts again, a spent token stays spent', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      try {
        const { refreshToken } = await signedIn(app)
        await renew(app, { token: refreshToken })
        advance(31)
        const restarted = await startTestApp({ store: await openTestStore() })
        expect(await refresh(restarted, { token: refreshToken })).toMatchObject(invalidGrant)
        await restarted.close()
      } finally {
        vi.useRealTimers()
      }
    })
  })
})

async function liveLeaves(app: TestApp, familyId: string): Promise<number> {
  const rows = await app.store.db
    .selectFrom('refresh_tokens')
    .select('token_hash')
    .where('family_id', '=', familyId)
    .where('consumed_at', 'is', null)
    .execute()
  return rows.length
}

const ORDERS_REDIRECT = 'http://localhost:3002/callback'

async function ordersToken(app: TestApp): Promise<string> {
  const overrides = {
    client_id: 'orders',
    redirect_uri: ORDERS_REDIRECT,
    code_challenge: null,
    code_challenge_method: null,
  }
  const code = await obtainCode(app.browser(), { verifier: '', challenge: '' }, { overrides })
  const form = { grant_type: 'authorization_code', code, redirect_uri: ORDERS_REDIRECT }
  return refreshTokenOf(await postToEndpoint(app, 'token', form, { headers: basicAuth() }))
}

function refreshAtOrders(app: TestApp, token: string): Promise<TokenResponse> {
  return postToEndpoint(app, 'token', { grant_type: 'refresh_token', refresh_token: token }, { headers: basicAuth() })
}
