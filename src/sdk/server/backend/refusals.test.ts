import { expect, test } from 'vitest'
import { aBackend, clientSecret, refused } from '../../test/a-backend.ts'
import { AuthError, isAuthError } from '../index.ts'

type Backend = ReturnType<typeof aBackend>['backend']

const password = 'a password nobody may read'
const calls = {
  elevatedLogin: (backend: Backend) => backend.elevatedLogin({ username: 'ada', password }),
  clientCredentials: (backend: Backend) => backend.clientCredentials(),
  memberToken: (backend: Backend) => backend.memberToken({ memberId: 1001 }),
  refresh: (backend: Backend) => backend.refresh({ refreshToken: 'a refresh token nobody may read' }),
  switchCompany: (backend: Backend) => backend.refresh({ refreshToken: 'r', legalEntityId: 'acme' }),
  revoke: (backend: Backend) => backend.revoke('r'),
  validate: (backend: Backend) => backend.validate('t'),
}

async function failureOf(answer: Response | Error, call: keyof typeof calls): Promise<AuthError> {
  const { backend } = aBackend(
    ...Array.from({ length: 3 }, () => (answer instanceof Response ? answer.clone() : answer)),
  )
  const error = await calls[call](backend).then(
    () => expect.fail('it went through'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(AuthError)
  return error as AuthError
}

test.each<[keyof typeof calls, Response, object]>([
  ['elevatedLogin', refused('invalid_grant'), { code: 'wrong-credentials', action: 'retry', retryable: false }],
  ['memberToken', refused('invalid_grant'), { code: 'member-unknown', action: 'contact-admin' }],
  ['refresh', refused('invalid_grant'), { code: 'session-ended', action: 'sign-in', oauthError: 'invalid_grant' }],
  ['elevatedLogin', refused('invalid_scope'), { code: 'role-not-held', action: 'contact-admin' }],
  ['elevatedLogin', refused('access_denied', 403), { code: 'account-unusable', action: 'contact-admin', status: 403 }],
  ['switchCompany', refused('access_denied', 403), { code: 'company-refused', action: 'contact-admin' }],
  ['refresh', refused('access_denied', 403), { code: 'account-unusable' }],
  ['revoke', refused('invalid_client', 401), { code: 'client-refused', action: 'fix-configuration', status: 401 }],
  ['memberToken', refused('unauthorized_client'), { code: 'client-refused' }],
  ['clientCredentials', refused('unsupported_grant_type'), { code: 'client-refused' }],
  ['validate', refused('something_new'), { code: 'refused', oauthError: 'something_new', action: 'contact-support' }],
  ['memberToken', refused('slow_down', 429, { 'retry-after': '7' }), { code: 'rate-limited', retryAfterSeconds: 7 }],
  ['memberToken', refused('temporarily_unavailable'), { code: 'server', retryable: true, action: 'retry' }],
])('%s: a refusal in OAuth’s words is one of ours (RFC 6749 section 5.2)', async (call, answer, meaning) => {
  expect(await failureOf(answer, call)).toMatchObject(meaning)
})

const problem = (status: number, code?: string) =>
  Response.json(
    { type: 'about:blank', title: 'No', status, detail: 'no', ...(code && { code }) },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )
const list = (ErrorCode: string, status = 400) =>
  Response.json({ error: 'invalid_grant', Errors: [{ ErrorCode, Message: 'no', Data: null }] }, { status })

test.each<[string, keyof typeof calls, Response, object]>([
  ['problem details with a code', 'elevatedLogin', problem(403, 'account-disabled'), { code: 'account-unusable' }],
  ['problem details alone', 'memberToken', problem(404), { code: 'member-unknown' }],
  ['problem details nobody knows', 'memberToken', problem(422, 'odd'), { code: 'refused', status: 422 }],
  ['a list of errors', 'elevatedLogin', list('Auth.PasswordExpired'), { action: 'reset-password' }],
  ['a list of errors', 'elevatedLogin', list('PasswordReset.InsecurePassword'), { code: 'password-insecure' }],
  ['a list of errors', 'elevatedLogin', list('Auth.InvalidUsernameOrPassword', 401), { code: 'wrong-credentials' }],
  ['a list of errors', 'elevatedLogin', list('Auth.UserNotActive', 401), { action: 'contact-admin' }],
  ['a list of errors', 'elevatedLogin', list('Auth.InsufficientRole'), { code: 'role-not-held' }],
  [
    'an empty list of errors',
    'refresh',
    Response.json({ Errors: [], status: 400 }, { status: 400 }),
    { code: 'refused' },
  ],
  [
    'success: false',
    'memberToken',
    Response.json({ success: false, message: 'no' }, { status: 404 }),
    { code: 'member-unknown' },
  ],
  [
    'success: false',
    'memberToken',
    Response.json({ success: false, message: 'no' }, { status: 422 }),
    { code: 'refused' },
  ],
  [
    'a byte order mark',
    'refresh',
    new Response('\uFEFF{"error":"invalid_grant"}', { status: 400 }),
    { code: 'session-ended' },
  ],
  ['a page', 'refresh', new Response('<html>', { status: 400 }), { code: 'server', retryable: true }],
  ['nothing', 'refresh', new Response('', { status: 401 }), { code: 'server' }],
  ['a list', 'refresh', Response.json(['invalid_grant'], { status: 400 }), { code: 'server' }],
  ['null', 'refresh', Response.json(null, { status: 400 }), { code: 'server' }],
  ['a number for a word', 'refresh', Response.json({ error: 7 }, { status: 400 }), { code: 'server' }],
  [
    'a word that every object has',
    'refresh',
    Response.json({ error: 'constructor' }, { status: 400 }),
    { code: 'refused' },
  ],
  ['a gateway’s words', 'refresh', Response.json({ message: 'Forbidden' }, { status: 403 }), { code: 'server' }],
  ['a failing issuer', 'elevatedLogin', new Response('<html>', { status: 502 }), { code: 'server', status: 502 }],
])('a refusal as %s says as much as it can', async (_form, call, answer, meaning) => {
  expect(await failureOf(answer, call)).toMatchObject(meaning)
})

test('a network that fails keeps its cause', async () => {
  const cause = new TypeError('fetch failed')
  expect(await failureOf(cause, 'elevatedLogin')).toMatchObject({ code: 'network', retryable: true, cause })
})

test.each(Object.keys(calls) as (keyof typeof calls)[])(
  '%s: no error says a secret or what the issuer wrote',
  async (call) => {
    for (const answer of [
      refused('invalid_grant'),
      new Response('what the issuer wrote', { status: 500 }),
      new TypeError('x'),
    ]) {
      const error = await failureOf(answer, call)
      expect(isAuthError(error)).toBe(true)
      const said = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join(' ')
      expect(said).not.toMatch(/nobody may read|what the issuer wrote/)
      expect(said).not.toContain(clientSecret)
    }
  },
)
