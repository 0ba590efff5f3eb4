import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { Auth, Certs, Configuration, type OrderCloudError, Tokens } from 'ordercloud-javascript-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Portal } from '../../strangers/test/portal.ts'
import { ADA, AUDIENCE, BEN, ORDERS_SECRET } from '../../test/test-config.ts'
import { disablePerson } from '../../users/disable-person.ts'
import { ACCESS_SECONDS, ANONYMOUS_SECONDS, DORA, startOrderCloudShop } from './test/ordercloud-shop.ts'

let portal: Portal
beforeAll(async () => {
  portal = await startOrderCloudShop()
})
afterAll(() => portal.close())

// All that an app changes.
beforeEach(() => Configuration.Set({ baseApiUrl: portal.issuer }))

/** Checks the signature as OrderCloud's middleware does: by the one key that the header names. */
async function claimsOf(token: string) {
  const { alg, kid = '' } = decodeProtectedHeader(token)
  expect(alg).toBe('RS256')
  const key = await Certs.GetPublicKey(kid)
  expect(key).toEqual({ kty: 'RSA', n: expect.any(String), e: 'AQAB', alg: 'RS256', use: 'sig', kid })
  const { payload } = await jwtVerify(token, await importJWK(key), { issuer: portal.issuer, audience: AUDIENCE })
  return payload
}

/** What the SDK makes of a refusal. */
async function refusalOf(asked: Promise<unknown>): Promise<OrderCloudError> {
  const error: unknown = await asked.then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toMatchObject({ isOrderCloudError: true })
  return error as OrderCloudError
}

/** Claims of every token of theirs, as their SDK declares them. */
const registered = { iss: expect.any(String), aud: AUDIENCE, exp: expect.any(Number), nbf: expect.any(Number) }

describe('Login', () => {
  test('answers with the four documented fields', async () => {
    expect(await Auth.Login(ADA.username, ADA.password, 'storefront')).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: ACCESS_SECONDS - 1,
      refresh_token: expect.any(String),
    })
  })

  test('gives a token with their claims, a single role as bare text', async () => {
    const { access_token } = await Auth.Login(ADA.username, ADA.password, 'storefront')
    const claims = await claimsOf(access_token)
    expect(claims).toMatchObject({ ...registered, usr: 'ada', cid: 'storefront', usrtype: 'buyer', role: 'Shopper' })
    expect(claims.orderid).toBeUndefined()
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(ACCESS_SECONDS)
  })

  test('grants all assigned roles when none is asked for, as a list when there are several', async () => {
    const { access_token } = await Auth.Login(BEN.username, BEN.password, 'storefront')
    expect((await claimsOf(access_token)).role).toEqual(['Shopper', 'MeAdmin'])
  })

  test('grants the roles asked for, built in and custom', async () => {
    const some = await Auth.Login(BEN.username, BEN.password, 'storefront', ['Shopper'])
    expect(decodeJwt(some.access_token).role).toBe('Shopper')
    const both = await Auth.Login(BEN.username, BEN.password, 'storefront', ['Shopper'], ['MeAdmin'])
    expect(decodeJwt(both.access_token).role).toEqual(['Shopper', 'MeAdmin'])
  })

  test('with custom roles alone overlooks the word the SDK puts before them', async () => {
    const { access_token } = await Auth.Login(BEN.username, BEN.password, 'storefront', undefined, ['MeAdmin'])
    expect(decodeJwt(access_token).role).toBe('MeAdmin')
  })

  test('gives no refresh token where the client takes none', async () => {
    const answer = await Auth.Login(ADA.username, ADA.password, 'kiosk')
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'expires_in', 'token_type'])
  })

  test.each([
    ['a wrong password', [ADA.username, 'wrong', 'storefront'], 'Auth.InvalidUsernameOrPassword', 'invalid_grant'],
    ['a name nobody has', ['nobody', ADA.password, 'storefront'], 'Auth.InvalidUsernameOrPassword', 'invalid_grant'],
    ['no password', [ADA.username, '', 'storefront'], 'Auth.UsernameAndPasswordRequired', 'invalid_request'],
    ['a template user', ['visitor', 'x', 'storefront'], 'Auth.InvalidUsernameOrPassword', 'invalid_grant'],
    [
      'a role not held',
      [ADA.username, ADA.password, 'storefront', ['MeAdmin']],
      'Auth.InsufficientRole',
      'invalid_scope',
    ],
    [
      'a role that doesn’t exist',
      [ADA.username, ADA.password, 'storefront', ['FullAccess']],
      'Auth.InsufficientRole',
      'invalid_scope',
    ],
    ['too few roles for the client', [ADA.username, ADA.password, 'staff'], 'Auth.InsufficientRole', 'access_denied'],
    ['a client nobody has', [ADA.username, ADA.password, 'nobody'], 'ApiClient.InvalidClientID', 'invalid_client'],
    ['a client that is closed', [ADA.username, ADA.password, 'closed'], 'ApiClient.InvalidClientID', 'invalid_client'],
    [
      'a client without this grant',
      [ADA.username, ADA.password, 'jobs'],
      'ApiClient.InvalidClientID',
      'invalid_client',
    ],
  ])('is refused for %s', async (_what, call, errorCode, error) => {
    const refusal = await refusalOf(Auth.Login(...(call as Parameters<typeof Auth.Login>)))
    expect(refusal.errorCode).toBe(errorCode)
    expect(refusal.status).toBe({ invalid_client: 401, access_denied: 403 }[error] ?? 400)
    expect(refusal.response.data).toEqual({
      error,
      error_description: refusal.message,
      Errors: [{ ErrorCode: errorCode, Message: refusal.message, Data: null }],
    })
  })

  test('tells a wrong name and a wrong password alike', async () => {
    const name = await refusalOf(Auth.Login('nobody', ADA.password, 'storefront'))
    const password = await refusalOf(Auth.Login(ADA.username, 'wrong', 'storefront'))
    expect(name.response.data).toEqual(password.response.data)
    expect(name.status).toBe(password.status)
  })
})

describe('an account that can’t be used', () => {
  test('because it was disabled is named to whoever knows its password, and to nobody else', async () => {
    const { store } = portal.app
    const { id } = await store.db
      .selectFrom('users')
      .select('id')
      .where('username', '=', DORA.username)
      .executeTakeFirstOrThrow()
    await disablePerson({ store, audit: { record: async () => {} } }, { tenant: 'demo', userId: id }, Date.now())
    const known = await refusalOf(Auth.Login(DORA.username, DORA.password, 'storefront'))
    expect(known).toMatchObject({ status: 400, errorCode: 'Auth.UserNotActive' })
    const guessed = await refusalOf(Auth.Login(DORA.username, 'wrong', 'storefront'))
    expect(guessed.errorCode).toBe('Auth.InvalidUsernameOrPassword')
  })

  test('because too many passwords were wrong says for how long', async () => {
    const guess = () => refusalOf(Auth.Login('eve', 'wrong', 'storefront'))
    for (let tries = 0; tries < 3; tries++) expect((await guess()).errorCode).toBe('Auth.InvalidUsernameOrPassword')
    const refusal = await guess()
    expect(refusal).toMatchObject({ status: 429, errorCode: 'Auth.LockedOut' })
    expect(Number(refusal.response.headers['retry-after'])).toBeGreaterThan(50)
  })
})

describe('ElevatedLogin', () => {
  test('signs in with the client’s secret', async () => {
    const answer = await Auth.ElevatedLogin(ORDERS_SECRET, ADA.username, ADA.password, 'middleware', ['Shopper'])
    expect(await claimsOf(answer.access_token)).toMatchObject({ ...registered, usr: 'ada', usrtype: 'admin' })
    expect(answer.refresh_token).toEqual(expect.any(String))
  })

  test.each([
    ['with a wrong secret', () => Auth.ElevatedLogin('wrong', ADA.username, ADA.password, 'middleware')],
    ['without the secret', () => Auth.Login(ADA.username, ADA.password, 'middleware')],
    ['with a secret for a client that has none', () => Auth.ElevatedLogin('x', ADA.username, ADA.password, 'kiosk')],
  ])('%s is refused', async (_what, call) => {
    const refusal = await refusalOf(call())
    expect(refusal).toMatchObject({ status: 401, errorCode: 'ApiClient.InvalidClientID' })
    expect(refusal.response.headers['www-authenticate']).toMatch(/^Basic /)
  })
})

describe('ClientCredentials', () => {
  test('stands for the client’s default context user', async () => {
    const answer = await Auth.ClientCredentials(ORDERS_SECRET, 'middleware')
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'expires_in', 'token_type'])
    expect(await claimsOf(answer.access_token)).toMatchObject({
      ...registered,
      usr: 'ben',
      cid: 'middleware',
      usrtype: 'admin',
      role: ['Shopper', 'MeAdmin'],
    })
  })

  test('narrows to the roles asked for, and refuses what that user doesn’t hold', async () => {
    const { access_token } = await Auth.ClientCredentials(ORDERS_SECRET, 'middleware', ['Shopper'])
    expect(decodeJwt(access_token).role).toBe('Shopper')
    const refusal = await refusalOf(Auth.ClientCredentials(ORDERS_SECRET, 'middleware', ['Shopper'], ['Browser']))
    expect(refusal.errorCode).toBe('Auth.InsufficientRole')
  })

  test('without such a user stands for the client itself', async () => {
    const { access_token } = await Auth.ClientCredentials(ORDERS_SECRET, 'jobs')
    expect(await claimsOf(access_token)).toMatchObject({ ...registered, usr: 'jobs', cid: 'jobs', role: 'Shopper' })
  })

  test('never makes a token that is a person’s: its subject is the client', async () => {
    const person = decodeJwt(
      (await Auth.ElevatedLogin(ORDERS_SECRET, BEN.username, BEN.password, 'middleware')).access_token,
    )
    const client = decodeJwt((await Auth.ClientCredentials(ORDERS_SECRET, 'middleware')).access_token)
    expect(client.usr).toBe(person.usr)
    expect(client.sub).not.toBe(person.sub)
  })

  test('with a wrong secret is refused', async () => {
    expect(await refusalOf(Auth.ClientCredentials('wrong', 'middleware'))).toMatchObject({ status: 401 })
  })
})

describe('Anonymous', () => {
  test('gives a visitor a token for as long as the client says, and nothing to renew it with', async () => {
    expect(await Auth.Anonymous('storefront')).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: ANONYMOUS_SECONDS - 1,
    })
  })

  test('copies the template user, with one order and the outside tracker’s id', async () => {
    const { access_token } = await Auth.Anonymous('storefront', undefined, undefined, { anonuserid: 'beacon-7' })
    const claims = await claimsOf(access_token)
    expect(claims).toMatchObject({
      ...registered,
      usr: 'visitor',
      cid: 'storefront',
      usrtype: 'buyer',
      role: 'Browser',
      anonuserid: 'beacon-7',
      orderid: expect.any(String),
    })
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(ANONYMOUS_SECONDS)
    const other = decodeJwt((await Auth.Anonymous('storefront')).access_token)
    expect(other.orderid).not.toBe(claims.orderid)
    expect(other.anonuserid).toBeUndefined()
  })

  test('with custom roles alone overlooks the word the SDK puts before them', async () => {
    const { access_token } = await Auth.Anonymous('storefront', undefined, ['Browser'])
    expect(decodeJwt(access_token).role).toBe('Browser')
  })

  test('is refused for a role the template user lacks', async () => {
    const refusal = await refusalOf(Auth.Anonymous('storefront', ['Shopper']))
    expect(refusal.errorCode).toBe('Auth.InsufficientRole')
  })

  test('at a client without a template user is told what is missing', async () => {
    const refusal = await refusalOf(Auth.Anonymous('kiosk'))
    expect(refusal.status).toBe(400)
    expect(refusal.response.data).toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringMatching(/default context user is required/i),
    })
  })

  test('at a client with a secret is refused: it is required on every grant', async () => {
    expect(await refusalOf(Auth.Anonymous('middleware'))).toMatchObject({ status: 401 })
  })
})

describe('RefreshToken', () => {
  const login = () => Auth.Login(BEN.username, BEN.password, 'storefront', ['Shopper'])

  test('gives a new access token, and the same refresh token again', async () => {
    const first = await login()
    const second = await Auth.RefreshToken(first.refresh_token, 'storefront')
    expect(second).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: ACCESS_SECONDS - 1,
      refresh_token: first.refresh_token,
    })
    expect(second.access_token).not.toBe(first.access_token)
    const [before, after] = [await claimsOf(first.access_token), await claimsOf(second.access_token)]
    for (const name of ['usr', 'cid', 'usrtype', 'role', 'sub', 'sid', 'session_id'])
      expect(after[name]).toEqual(before[name])
  })

  test.each([
    ['a token nobody has', 'nonsense', 'storefront'],
    ['another client', undefined, 'kiosk'],
  ])('is refused for %s', async (_what, token, clientId) => {
    const { refresh_token } = await login()
    const refusal = await refusalOf(Auth.RefreshToken(token ?? refresh_token, clientId))
    expect(refusal.status).toBe(400)
    expect(refusal.response.data.error).toMatch(/^(invalid_grant|unauthorized_client)$/)
    expect((await Auth.RefreshToken(refresh_token, 'storefront')).access_token).toEqual(expect.any(String))
  })
})

describe('the SDK’s own token store', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => {
    vi.useRealTimers()
    Tokens.RemoveAccessToken()
    Tokens.RemoveRefreshToken()
  })

  /** As an app does after signing somebody in. */
  async function remember() {
    const answer = await Auth.Login(ADA.username, ADA.password, 'storefront')
    Tokens.SetAccessToken(answer.access_token)
    Tokens.SetRefreshToken(answer.refresh_token)
    return answer
  }
  /** It goes on using a token until ten seconds after its end. */
  const untilExpired = () => vi.setSystemTime(Date.now() + (ACCESS_SECONDS + 11) * 1000)

  test('renews silently three times, knowing the client by its token alone', async () => {
    const seen = new Set([(await remember()).access_token])
    for (let round = 0; round < 3; round++) {
      untilExpired()
      const token = await Tokens.GetValidToken()
      expect(await claimsOf(token)).toMatchObject({ usr: 'ada' })
      seen.add(token)
      expect(Tokens.GetAccessToken()).toBe(token)
    }
    expect(seen.size).toBe(4)
  })

  test('renews before each call that finds its token expired, also several at once', async () => {
    const { access_token } = await remember()
    const { kid = '' } = decodeProtectedHeader(access_token)
    untilExpired()
    await Promise.all([1, 2, 3].map(() => Certs.GetPublicKey(kid)))
    expect(Tokens.GetAccessToken()).not.toBe(access_token)
    expect(await claimsOf(Tokens.GetAccessToken() ?? '')).toMatchObject({ usr: 'ada' })
  })
})

describe('a public key', () => {
  test('of nobody is NotFound, in words the SDK can read', async () => {
    expect(await refusalOf(Certs.GetPublicKey('nobody'))).toMatchObject({
      status: 404,
      errorCode: 'NotFound',
      message: 'PublicKey nobody not found',
    })
  })
})
