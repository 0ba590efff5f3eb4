import { decodeJwt } from 'jose'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { startGuest } from '../../../server/test/flows.ts'
import { ADA, BEN } from '../../../server/test/test-config.ts'
import { aRealIssuer } from '../../test/a-real-issuer.ts'

// Passwords are hashed as in production, which takes its time.
vi.setConfig({ testTimeout: 20_000 })

const { app, backend, backendOf, close } = await aRealIssuer()
const community = backendOf('community')
afterAll(close)

test('signs a person in by password, with the roles they hold or those asked for', async () => {
  const all = await backend.elevatedLogin({ username: ' BEN ', password: BEN.password })
  expect(decodeJwt(all.accessToken)).toMatchObject({ client_id: 'orders', roles: ['Shopper', 'MeAdmin'] })
  const some = await backend.elevatedLogin({ ...BEN, scope: ['openid'], customRoles: ['MeAdmin'] })
  expect(decodeJwt(some.accessToken)).toMatchObject({ roles: ['MeAdmin'] })
  expect(some).toMatchObject({ tokenType: 'Bearer', expiresIn: 600, scope: expect.arrayContaining(['MeAdmin']) })
  expect(some.idToken).toMatch(/^eyJ/)
  expect(some.sessionId).not.toBe(all.sessionId)
  const endsAt = Date.parse(some.refreshTokenExpiresAt ?? '')
  expect(endsAt / 1000).toBeCloseTo(Date.now() / 1000 + (some.refreshTokenExpiresIn ?? 0), -1)
})

test('says why somebody is not let in', async () => {
  const wrong = { code: 'wrong-credentials', action: 'retry', retryable: false }
  await expect(backend.elevatedLogin({ ...ADA, password: 'wrong' })).rejects.toMatchObject(wrong)
  await expect(backend.elevatedLogin({ ...ADA, username: 'nobody' })).rejects.toMatchObject(wrong)
  const notHeld = { code: 'role-not-held', action: 'contact-admin', oauthError: 'invalid_scope' }
  await expect(backend.elevatedLogin({ ...ADA, scope: ['MeAdmin'] })).rejects.toMatchObject(notHeld)
  await expect(backend.elevatedLogin({ ...ADA, customRoles: ['Unheard'] })).rejects.toMatchObject(notHeld)
})

test('whoever knows the password of a disabled account is told whom to ask', async () => {
  const setDisabled = (disabled_at: number | null) =>
    app.store.db.updateTable('users').set({ disabled_at }).where('username', '=', 'ben').execute()
  await setDisabled(1)
  const unusable = { code: 'account-unusable', action: 'contact-admin', oauthError: 'invalid_grant' }
  await expect(backend.elevatedLogin(BEN)).rejects.toMatchObject(unusable)
  await expect(backend.elevatedLogin({ ...BEN, password: 'x' })).rejects.toMatchObject({ code: 'wrong-credentials' })
  await expect(community.memberToken({ memberId: 1002 })).rejects.toMatchObject({ code: 'member-unknown' })
  await setDisabled(null)
})

test('says to wait after too many wrong passwords, and for how long', async () => {
  const strict = await aRealIssuer({ lockout: { failures: 2, seconds: 60 } })
  onTestFinished(strict.close)
  const fail = () => strict.backend.elevatedLogin({ ...ADA, password: 'wrong' })
  await expect(fail()).rejects.toMatchObject({ code: 'wrong-credentials' })
  await expect(fail()).rejects.toMatchObject({ code: 'wrong-credentials' })
  const error = await fail().catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'rate-limited', status: 429, retryable: true, action: 'retry' })
  expect(error.retryAfterSeconds).toBeGreaterThan(50)
})

test('gets a token for itself, once, and not with roles it can not have', async () => {
  const reports = backendOf('reports')
  const tokens = await reports.clientCredentials()
  expect(decodeJwt(tokens.accessToken)).toMatchObject({ client_id: 'reports', roles: ['Shopper'] })
  expect(tokens).not.toHaveProperty('refreshToken')
  expect((await reports.clientCredentials()).accessToken).toBe(tokens.accessToken)
  expect((await reports.clientCredentials({ cache: false })).accessToken).not.toBe(tokens.accessToken)
  expect(await reports.validate(tokens.accessToken)).toMatchObject({ clientId: 'reports', roles: ['Shopper'] })
  const notHeld = { code: 'role-not-held', action: 'contact-admin' }
  await expect(reports.clientCredentials({ scope: ['MeAdmin'] })).rejects.toMatchObject(notHeld)
})

test('gets tokens for members by each of their names', async () => {
  const tokens = await Promise.all([
    community.memberToken({ memberId: 1001 }),
    community.memberToken({ ssoId: 'acme|1001' }),
    community.memberToken({ email: ' Ada@Demo.TEST ', scope: ['Shopper'] }),
  ])
  const [subject, ...same] = await Promise.all(
    tokens.map(async ({ accessToken }) => (await community.validate(accessToken)).sub),
  )
  expect(same).toEqual([subject, subject])
  const unknown = { code: 'member-unknown', action: 'contact-admin' }
  await expect(community.memberToken({ memberId: 9999 })).rejects.toMatchObject(unknown)
  await expect(community.memberToken({ email: 'nobody@demo.test' })).rejects.toMatchObject(unknown)
  await expect(community.memberToken({ memberId: 1001, scope: ['MeAdmin'] })).rejects.toMatchObject({
    code: 'role-not-held',
  })
})

test('a client that may not do something is told that it is its configuration', async () => {
  const refused = { code: 'client-refused', action: 'fix-configuration', retryable: false }
  await expect(backendOf('shy').memberToken({ email: 'ada@demo.test' })).rejects.toMatchObject(refused)
  await expect(backendOf('shy').clientCredentials()).rejects.toMatchObject(refused)
  const wrong = backendOf('orders', 'not the secret: it has % and + in it')
  const calls = [() => wrong.refresh({ refreshToken: 'r' }), () => wrong.revoke('t'), () => wrong.validate('t')]
  for (const call of calls) await expect(call()).rejects.toMatchObject({ ...refused, status: 401 })
})

test('takes a guest along: the visit goes on under its session id, and the guest is over', async () => {
  const guest = await startGuest(app)
  expect(await community.validate(guest.accessToken)).toMatchObject({ guest: true, sessionId: guest.sessionId })
  const member = await community.memberToken({ memberId: 1001, guestToken: guest.refreshToken })
  expect(member).toMatchObject({ sessionId: guest.sessionId, guestUpgrade: 'pending' })
  await expect(community.validate(guest.accessToken)).rejects.toMatchObject({ code: 'token-revoked' })
  const again = await community.memberToken({ memberId: 1002, guestToken: guest.refreshToken })
  expect(again.guestUpgrade).toBe('none')
  expect(again.sessionId).not.toBe(guest.sessionId)
})

test('renews with the secret; the old refresh token answers the same within its grace', async () => {
  const { refreshToken = '', sessionId } = await backend.elevatedLogin(ADA)
  const [first, again] = await Promise.all([backend.refresh({ refreshToken }), backend.refresh({ refreshToken })])
  expect(again.refreshToken).toBe(first.refreshToken)
  expect(first.refreshToken).not.toBe(refreshToken)
  expect(first.sessionId).toBe(sessionId)
})

test('acts for a company of the person, as long as each renewal names it', async () => {
  const { refreshToken = '', company } = await backend.elevatedLogin(ADA)
  expect(company).toBeUndefined()
  const acting = await backend.refresh({ refreshToken, legalEntityId: 'company-1001' })
  expect(acting.company).toBe('company-1001')
  expect(await backend.validate(acting.accessToken)).toMatchObject({ company: 'company-1001' })
  const other = backend.refresh({ refreshToken: acting.refreshToken ?? '', legalEntityId: 'company-1002' })
  await expect(other).rejects.toMatchObject({ code: 'company-refused', action: 'contact-admin', status: 403 })
  expect(await backend.refresh({ refreshToken: acting.refreshToken ?? '' })).not.toHaveProperty('company')
})

test('a refresh token that stays is the one to keep', async () => {
  const fixed = backendOf('fixed')
  const { refreshToken = '', scope } = await fixed.memberToken({ memberId: 1001 })
  const renewed = await fixed.refresh({ refreshToken, scope: scope.slice(0, 1) })
  expect(renewed).toMatchObject({ refreshToken, scope: scope.slice(0, 1) })
  expect((await fixed.refresh({ refreshToken: renewed.refreshToken ?? '' })).refreshToken).toBe(refreshToken)
})

test('knows at once whether a token is good, whose it is, and why it no longer is', async () => {
  const { accessToken, refreshToken = '', sessionId } = await backend.elevatedLogin(ADA)
  const validated = await backend.validate(accessToken)
  expect(validated).toMatchObject({
    clientId: 'orders',
    roles: ['Shopper'],
    guest: false,
    tokenType: 'Bearer',
    sessionId,
  })
  expect(validated.secondsLeft).toBeGreaterThan(590)
  await backend.revoke(refreshToken)
  await expect(backend.validate(accessToken)).rejects.toMatchObject({ code: 'token-revoked', status: 401 })
  await expect(backend.validate(refreshToken)).rejects.toMatchObject({ code: 'token-invalid', status: 401 })
  await expect(backend.refresh({ refreshToken })).rejects.toMatchObject({ code: 'session-ended', action: 'sign-in' })
  for (const token of [refreshToken, accessToken, 'nobody knows this']) await backend.revoke(token)
})

test('the label of a call is in the server’s log, and nothing else of it', async () => {
  await backend.revoke('planted-token', { label: 'nightly/import#3' })
  const lines = app.log.map((line) => JSON.parse(line)).filter(({ label }) => label !== undefined)
  expect(lines).toMatchObject([{ label: 'nightly/import#3', path: '/demo/revoke', status: 200 }])
  expect(app.log.join('')).not.toContain('planted-token')
})
