import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { createLogoutTokenReader, LogoutTokenRefused } from './logout-token.ts'

const issuer = 'http://localhost:3000/demo'
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const { publicKey, privateKey } = await generateKeyPair('RS256')
const stranger = await generateKeyPair('RS256')
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256' }] })

let now = Date.now()
let read: ReturnType<typeof createLogoutTokenReader>
beforeEach(() => {
  now = Date.now()
  read = createLogoutTokenReader({ issuer, clientId: 'orders', keys, now: () => now })
})

const seconds = () => Math.floor(now / 1000)

/** `undefined` leaves a claim out. */
type Claims = Record<string, unknown>

function claims(overrides: Claims = {}): JWTPayload {
  const times = { iat: seconds(), exp: seconds() + 120 }
  const names = { iss: issuer, aud: 'orders', jti: crypto.randomUUID(), sub: 'ada-1', sid: 'login-1' }
  return { ...names, ...times, events: { [EVENT]: {} }, ...overrides }
}

function sign(payload: JWTPayload, { typ = 'logout+jwt', key = privateKey, alg = 'RS256' } = {}): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg, typ, kid: 'key-1' }).sign(key)
}

const aToken = (overrides: Claims = {}, header: Parameters<typeof sign>[1] = {}) => sign(claims(overrides), header)

test('a good one names the login that has ended', async () => {
  expect(await read(await aToken())).toEqual({ sid: 'login-1', sub: 'ada-1' })
  expect(await read(await aToken({ sub: undefined }))).toEqual({ sid: 'login-1' })
  expect(await read(await aToken({ aud: ['other', 'orders'] }))).toMatchObject({ sid: 'login-1' })
})

test('without a sid it means every login of the person', async () => {
  expect(await read(await aToken({ sid: undefined }))).toEqual({ sub: 'ada-1' })
})

describe('refused is one', () => {
  test.each<[string, () => Promise<string> | string]>([
    ['with a nonce: it might be an ID token', () => aToken({ nonce: 'n-1' })],
    ['of the wrong type', () => aToken({}, { typ: 'JWT' })],
    ['for another app', () => aToken({ aud: 'catalog' })],
    ['of another issuer', () => aToken({ iss: 'http://localhost:3000/other' })],
    ['without a signature (alg none)', () => unsecured(claims())],
    ['signed by a stranger', () => aToken({}, { key: stranger.privateKey })],
    ['that was changed', async () => (await aToken()).replace(/\.[^.]+\./, `.${encode(claims({ sid: 'login-2' }))}.`)],
    ['that has expired', () => aToken({ iat: seconds() - 200, exp: seconds() - 31 })],
    ['from before anything we would wait for', () => aToken({ iat: seconds() - 400 })],
    ['from the future', () => aToken({ iat: seconds() + 60 })],
    ['without an end', () => aToken({ exp: undefined })],
    ['without a time', () => aToken({ iat: undefined })],
    ['without an id', () => aToken({ jti: undefined })],
    ['without an event', () => aToken({ events: undefined })],
    ['of another event', () => aToken({ events: { 'https://schemas.openid.net/secevent/risc': {} } })],
    ['whose event is no object', () => aToken({ events: { [EVENT]: true } })],
    ['that names nobody', () => aToken({ sub: undefined, sid: undefined })],
    ['that names nobody in particular', () => aToken({ sub: '', sid: '' })],
    ['that is none', () => 'nonsense'],
  ])('%s', async (_what, token) => {
    await expect(read(await token())).rejects.toThrow(LogoutTokenRefused)
  })

  test('that was used before, as long as it could be used', async () => {
    const token = await aToken()
    await read(token)
    await expect(read(token)).rejects.toThrow('this token was used before')
    now += 149_000
    await expect(read(token)).rejects.toThrow('this token was used before')
    now += 2_000
    await expect(read(token)).rejects.toThrow(LogoutTokenRefused)
  })

  test('of two that come at the same time under one id', async () => {
    const token = await aToken()
    const settled = await Promise.allSettled([read(token), read(token)])
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})

test('a refused one does not use up the id of a good one', async () => {
  const jti = crypto.randomUUID()
  await expect(read(await aToken({ jti, aud: 'catalog' }))).rejects.toThrow(LogoutTokenRefused)
  expect(await read(await aToken({ jti }))).toMatchObject({ sid: 'login-1' })
})

test('that the portal’s keys can’t be had is not held against it', async () => {
  const reader = createLogoutTokenReader({
    issuer,
    clientId: 'orders',
    keys: () => Promise.reject(new TypeError('fetch failed')),
  })
  await expect(reader(await aToken())).rejects.not.toThrow(LogoutTokenRefused)
})

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function unsecured(payload: JWTPayload): string {
  const [, body] = new UnsecuredJWT(payload).encode().split('.')
  return `${encode({ alg: 'none', typ: 'logout+jwt' })}.${body}.`
}
