import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { sweepExpired } from '../../store/sweep.ts'
import { createDpopKey } from '../../test/dpop-key.ts'
import {
  basicAuth,
  obtainCode,
  postToEndpoint,
  redeem,
  refresh,
  signedIn,
  type TokenResponse,
} from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { aClient, aConfidentialClient, aConfig } from '../../test/test-config.ts'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const MINUTE = 60
const DAY = 86_400
const YEAR_2038 = Date.UTC(2038, 0, 19, 3, 14, 8)

const refreshTokenOf = ({ body }: TokenResponse) => body.refresh_token ?? ''

async function renew(app: TestApp, request: Parameters<typeof refresh>[1]): Promise<TokenResponse> {
  const answer = await refresh(app, request)
  expect(answer).toMatchObject({ status: 200 })
  return answer
}

const advance = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

let app: TestApp
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())
afterAll(() => app.close())

beforeAll(async () => {
  const clients = [aClient(), aConfidentialClient({ refresh_token_ttl: 20 * MINUTE, absolute_ttl: 25 * MINUTE })]
  app = await startTestApp({ config: aConfig({ tenant: { clients } }) })
})

async function endReasonOf(accessToken = ''): Promise<string | null | undefined> {
  const { sid } = decodeJwt(accessToken)
  const families = app.store.db.selectFrom('families').select('end_reason').where('id', '=', String(sid))
  return (await families.executeTakeFirst())?.end_reason
}

describe('a client that comes back late', () => {
  it('finds its lost answer although the token it has would have ended long ago', async () => {
    const key = await createDpopKey()
    const { refreshToken } = await signedIn(app, { key })
    advance(13 * DAY)
    const lost = await renew(app, { token: refreshToken, key })
    advance(13 * DAY)
    await sweepExpired(app.store, Date.now())
    const found = await renew(app, { token: refreshToken, key })
    expect(refreshTokenOf(found)).toBe(refreshTokenOf(lost))
    await renew(app, { token: refreshTokenOf(found), key })
  })

  it('after the idle end of what it was given finds its login over, and nobody is suspected', async () => {
    const key = await createDpopKey()
    const { refreshToken, accessToken } = await signedIn(app, { key })
    await renew(app, { token: refreshToken, key })
    advance(15 * DAY)
    expect(await refresh(app, { token: refreshToken, key })).toMatchObject(invalidGrant)
    expect(await endReasonOf(accessToken)).toBe('expired')
  })

  it('with a spent token whose successor was used ends the login, however late (RFC 9700 section 4.14.2)', async () => {
    const { refreshToken, accessToken } = await signedIn(app)
    let live = refreshToken
    for (let week = 0; week < 4; week++) {
      live = refreshTokenOf(await renew(app, { token: live }))
      advance(7 * DAY)
    }
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
    expect(await endReasonOf(accessToken)).toBe('refresh-token-reused')
    expect(await refresh(app, { token: live })).toMatchObject(invalidGrant)
  })

  it('gets access tokens that end with the login, not after it', async () => {
    const form = { grant_type: 'authorization_code', redirect_uri: 'http://localhost:3002/callback' }
    const overrides = {
      client_id: 'orders',
      redirect_uri: form.redirect_uri,
      code_challenge: null,
      code_challenge_method: null,
    }
    const code = await obtainCode(app.browser(), { verifier: '', challenge: '' }, { overrides })
    const first = await postToEndpoint(app, 'token', { ...form, code }, { headers: basicAuth() })
    expect(first.body.expires_in).toBe(10 * MINUTE)
    advance(19 * MINUTE)
    const fields = { grant_type: 'refresh_token', refresh_token: refreshTokenOf(first) }
    const last = await postToEndpoint(app, 'token', fields, { headers: basicAuth() })
    expect(last.body.expires_in).toBe(6 * MINUTE)
    expect(decodeJwt(last.body.access_token ?? '').exp).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 6 * MINUTE)
  })
})

describe('when the clock jumps', () => {
  const back = [
    ['five minutes', 5 * MINUTE],
    ['a day', DAY],
  ] as const

  it.each(back)('back by %s, a spent token is not a fresh one again', async (_name, seconds) => {
    const { refreshToken } = await signedIn(app)
    const second = await renew(app, { token: refreshToken })
    advance(MINUTE)
    const third = await renew(app, { token: refreshTokenOf(second) })
    advance(MINUTE - seconds)
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: refreshTokenOf(third) })).toMatchObject(invalidGrant)
  })

  it.each(back)('back by %s, a login that was too old stays over', async (_name, seconds) => {
    const { refreshToken } = await signedIn(app)
    advance(14 * DAY + 1)
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
    advance(-seconds)
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
  })

  it.each(back)('back by %s, a code that was too old stays so', async (_name, seconds) => {
    const { code, pkce } = await aCode()
    advance(2 * MINUTE)
    expect(await redeem(app, { code, pkce })).toMatchObject(invalidGrant)
    advance(-seconds)
    expect(await redeem(app, { code, pkce })).toMatchObject(invalidGrant)
  })

  it.each([...back, ['a minute less', 59] as const])('back by %s, a chain goes on', async (_name, seconds) => {
    const { refreshToken } = await signedIn(app)
    const second = await renew(app, { token: refreshToken })
    advance(-seconds)
    const third = await renew(app, { token: refreshTokenOf(second) })
    advance(seconds)
    await renew(app, { token: refreshTokenOf(third) })
  })

  it('a node whose clock is a minute behind repeats what another has just given', async () => {
    const { refreshToken } = await signedIn(app)
    const second = await renew(app, { token: refreshToken })
    advance(-59)
    expect(refreshTokenOf(await renew(app, { token: refreshToken }))).toBe(refreshTokenOf(second))
  })

  it.each([
    ['five minutes', 5 * MINUTE],
    ['a day', DAY],
  ])('forward by %s and back, a login survives', async (_name, seconds) => {
    const { refreshToken } = await signedIn(app)
    advance(seconds)
    const second = await renew(app, { token: refreshToken })
    advance(-seconds)
    await renew(app, { token: refreshTokenOf(second) })
  })

  it('to the year 2038, what was too old then is too old now', async () => {
    const { refreshToken } = await signedIn(app)
    const before = Date.now()
    vi.setSystemTime(YEAR_2038)
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
    const { refreshToken: later } = await signedIn(app)
    const second = await renew(app, { token: later })
    vi.setSystemTime(before)
    expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: later })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: refreshTokenOf(second) })).toMatchObject(invalidGrant)
  })
})

async function aCode() {
  const { pkce } = await signedIn(app)
  return { pkce, code: await obtainCode(app.browser(), pkce) }
}
