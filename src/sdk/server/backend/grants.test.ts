import { expect, test } from 'vitest'
import { aBackend, clientSecret, deepFrozen, refused, someTokens } from '../../test/a-backend.ts'

test('a sign-in by password sends what was given and answers with tokens in camelCase', async () => {
  const { backend, sent } = aBackend()
  const tokens = await backend.elevatedLogin({
    username: ' Ada ',
    password: ' copper\tkettle ',
    scope: ['openid', 'Shopper', 'Shopper'],
    customRoles: ['Reviewer'],
    guestToken: 'guest-1',
    sessionId: 'session-1',
  })
  expect(sent).toHaveLength(1)
  expect(sent[0]).toMatchObject({ path: '/token' })
  expect(sent[0]?.form).toEqual({
    grant_type: 'password',
    username: ' Ada ',
    password: ' copper\tkettle ',
    scope: 'openid Shopper',
    custom_roles: 'Reviewer',
    guest_token: 'guest-1',
    session_id: 'session-1',
  })
  expect(tokens).toEqual({
    accessToken: 'access-1',
    tokenType: 'Bearer',
    expiresIn: 600,
    accessTokenExpiresAt: '2026-11-25T00:10:00.000Z',
    scope: ['Shopper', 'MeAdmin'],
    sessionId: 'session-1',
    refreshToken: 'refresh-1',
    refreshTokenExpiresIn: 1_209_600,
    refreshTokenExpiresAt: '2026-12-09T00:00:00.000Z',
  })
})

test('custom roles alone ask for nothing else, and an empty scope for nothing at all', async () => {
  const { backend, sent } = aBackend()
  await backend.elevatedLogin({ username: 'ada', password: 'p', customRoles: ['Reviewer'] })
  await backend.elevatedLogin({ username: 'ada', password: 'p', scope: [], customRoles: [] })
  expect(sent.map(({ form }) => form)).toEqual([
    { grant_type: 'password', username: 'ada', password: 'p', custom_roles: 'Reviewer' },
    { grant_type: 'password', username: 'ada', password: 'p' },
  ])
})

test('the client shows its secret by Basic with both halves encoded, never in the form (RFC 6749 section 2.3.1)', async () => {
  const { backend, sent } = aBackend()
  await backend.refresh({ refreshToken: 'refresh-0' })
  const [scheme, encoded = ''] = sent[0]?.headers.get('authorization')?.split(' ') ?? []
  expect(scheme).toBe('Basic')
  const [id = '', secret = '', ...more] = atob(encoded).split(':')
  const decode = (half: string) => decodeURIComponent(half.replaceAll('+', ' '))
  expect([decode(id), decode(secret), more]).toEqual(['community:1', clientSecret, []])
  expect(sent[0]?.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh-0' })
})

test.each([
  [{ ssoId: 'acme|ada' }, { sso_id: 'acme|ada' }],
  [{ memberId: 1001 }, { member_id: '1001' }],
  [{ memberId: '1001' }, { member_id: '1001' }],
  [{ email: '  Ada.Okafor@Demo.TEST ' }, { email: 'ada.okafor@demo.test' }],
])('a token for the member %j names them as %j', async (identifier, named) => {
  const { backend, sent } = aBackend()
  await backend.memberToken({ ...identifier, scope: ['Shopper'] })
  expect(sent[0]?.form).toEqual({ grant_type: 'urn:portico:grant-type:member', ...named, scope: 'Shopper' })
})

test('a renewal may ask for less and for another company; the new refresh token is the one to keep', async () => {
  const { backend, sent } = aBackend()
  const tokens = await backend.refresh({ refreshToken: 'refresh-0', scope: ['Shopper'], legalEntityId: 'acme' })
  expect(sent[0]?.form).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'refresh-0',
    scope: 'Shopper',
    legal_entity_id: 'acme',
  })
  expect(tokens.refreshToken).toBe('refresh-1')
})

test.each([undefined, null, ''])('where the refresh token stays (%j), it is the one to keep', async (refresh_token) => {
  const { backend } = aBackend(Response.json(someTokens({ refresh_token })))
  const tokens = await backend.refresh({ refreshToken: 'refresh-0' })
  expect(tokens.refreshToken).toBe('refresh-0')
  expect(tokens).not.toHaveProperty('refreshTokenExpiresAt')
})

test.each([undefined, null, ''])('no refresh token (%j) is no key of the answer', async (refresh_token) => {
  const { backend } = aBackend(Response.json(someTokens({ refresh_token, access_token_expires_at: undefined })))
  const tokens = await backend.clientCredentials()
  expect(Object.keys(tokens)).toEqual([
    ...['accessToken', 'tokenType', 'expiresIn', 'accessTokenExpiresAt', 'scope', 'sessionId'],
  ])
  expect(tokens.accessTokenExpiresAt).toBe('2026-11-25T00:10:00.000Z')
})

test('revoking names the token and its success has nothing to say', async () => {
  const { backend, sent } = aBackend(new Response(''))
  expect(await backend.revoke('refresh-1')).toBeUndefined()
  expect(sent[0]).toMatchObject({ path: '/revoke', form: { token: 'refresh-1' } })
})

test('no call changes what it is given, and all of it may be used again', async () => {
  const { backend, sent } = aBackend()
  const signal = new AbortController().signal
  const limits = Object.freeze({ signal, timeoutMs: 5_000, label: 'checkout' })
  const scope = ['Shopper']
  const calls = () =>
    [
      backend.elevatedLogin(
        deepFrozen({ username: 'ada', password: 'p', scope, customRoles: ['R'], guestToken: 'g', sessionId: 's' }),
        limits,
      ),
      backend.clientCredentials(deepFrozen({ scope, cache: false }), limits),
      backend.memberToken(deepFrozen({ email: 'Ada@Demo.test', scope, guestToken: 'g' }), limits),
      backend.refresh(deepFrozen({ refreshToken: 'r', scope, legalEntityId: 'acme' }), limits),
    ] as const
  await Promise.all(calls())
  const first = sent.splice(0)
  await Promise.all(calls())
  expect(sent.map(({ form }) => form)).toEqual(first.map(({ form }) => form))
})

test.each([
  ['a page', new Response('<html>Welcome</html>')],
  ['nothing', new Response('')],
  ['no token', Response.json({ token_type: 'Bearer', expires_in: 600 })],
  ['a life in words', Response.json(someTokens({ expires_in: 'ten minutes' }))],
])('a success with %s is no answer', async (_name, answer) => {
  const { backend } = aBackend(answer)
  await expect(backend.elevatedLogin({ username: 'ada', password: 'p' })).rejects.toMatchObject({
    name: 'AuthError',
    code: 'answer-invalid',
    status: 200,
    retryable: false,
  })
})

test('a byte order mark before the answer is overlooked', async () => {
  const { backend } = aBackend(new Response(`\uFEFF${JSON.stringify(someTokens())}`))
  expect((await backend.clientCredentials()).accessToken).toBe('access-1')
})

test('a backend shows its secret to nobody who looks at it', () => {
  const { backend } = aBackend(refused('invalid_client', 401))
  expect(JSON.stringify(backend) + String(Object.values(backend))).not.toContain(clientSecret)
  expect(Object.isFrozen(backend)).toBe(true)
})
