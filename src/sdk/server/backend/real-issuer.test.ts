import { expect, test } from 'vitest'
import { aRealIssuer, signInAtOrders } from '../../test/a-real-issuer.ts'

test('renews a login of its own, and the old refresh token answers the same within its grace', async () => {
  const { app, backend } = await aRealIssuer()
  const { refreshToken } = await signInAtOrders(app)
  const [first, again] = await Promise.all([backend.refresh({ refreshToken }), backend.refresh({ refreshToken })])
  expect(again.refreshToken).toBe(first.refreshToken)
  expect(first).toMatchObject({ tokenType: 'Bearer', expiresIn: 600, scope: expect.arrayContaining(['openid']) })
  expect(Date.parse(first.accessTokenExpiresAt) - Date.now()).toBeGreaterThan(590_000)
  expect(Date.parse(first.refreshTokenExpiresAt ?? '') / 1000).toBeCloseTo(
    Date.now() / 1000 + (first.refreshTokenExpiresIn ?? 0),
    -1,
  )
})

test('knows at once whether a token is good, whose it is, and why it no longer is', async () => {
  const { app, backend } = await aRealIssuer()
  const { accessToken, refreshToken } = await signInAtOrders(app)
  const validated = await backend.validate(accessToken)
  expect(validated).toMatchObject({ clientId: 'orders', roles: ['Shopper'], guest: false, tokenType: 'Bearer' })
  expect(validated.sub).toBeTruthy()
  expect(validated.sessionId).toBeTruthy()
  expect(validated.secondsLeft).toBeGreaterThan(590)
  await backend.revoke(refreshToken)
  await expect(backend.validate(accessToken)).rejects.toMatchObject({ code: 'token-revoked', status: 401 })
  await expect(backend.validate(refreshToken)).rejects.toMatchObject({ code: 'token-invalid', status: 401 })
  await expect(backend.refresh({ refreshToken })).rejects.toMatchObject({ code: 'session-ended', action: 'sign-in' })
})

test('revoking what is unknown or has ended is a success', async () => {
  const { app, backend } = await aRealIssuer()
  const { refreshToken } = await signInAtOrders(app)
  for (const token of [refreshToken, refreshToken, 'nobody knows this']) await backend.revoke(token)
})

test('a wrong secret is the configuration’s fault, whatever is asked', async () => {
  const { backendOf } = await aRealIssuer()
  const backend = backendOf('orders', 'not the secret: it has % and + in it')
  for (const call of [
    () => backend.refresh({ refreshToken: 'r' }),
    () => backend.revoke('t'),
    () => backend.validate('t'),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'client-refused', action: 'fix-configuration', status: 401 })
  }
})

test('the label of a call is in the server’s log, and nothing else of it', async () => {
  const { app, backend } = await aRealIssuer()
  await backend.revoke('planted-token', { label: 'nightly/import#3' })
  const lines = app.log.map((line) => JSON.parse(line)).filter(({ path }) => path === '/demo/revoke')
  expect(lines).toMatchObject([{ label: 'nightly/import#3', status: 200 }])
  expect(app.log.join('')).not.toContain('planted-token')
})
