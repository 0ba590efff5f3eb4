import { afterEach, expect, test, vi } from 'vitest'
import { aBackend } from '../../test/a-backend.ts'
import { issuerAddress } from '../../test/an-issuer.ts'
import { createBackend } from '../index.ts'

type Backend = ReturnType<typeof aBackend>['backend']
/** What a program without types may give. */
// biome-ignore lint/suspicious/noExplicitAny: the wrong types are the test
const wrong = (value: unknown) => value as any

afterEach(() => vi.unstubAllGlobals())

test.each<[string, (backend: Backend) => Promise<unknown>, RegExp]>([
  [
    'a scope in one string',
    (b) => b.clientCredentials(wrong({ scope: 'Shopper' })),
    /^clientCredentials: `scope` must be a list, for example/,
  ],
  [
    'custom roles in one string',
    (b) => b.elevatedLogin(wrong({ username: 'a', password: 'p', customRoles: 'R' })),
    /`customRoles` must be a list/,
  ],
  [
    'a scope value that is two',
    (b) => b.memberToken({ memberId: 1, scope: ['a b'] }),
    /`scope` holds "a b", which is not one scope value/,
  ],
  [
    'a scope with a hole',
    (b) => b.memberToken({ memberId: 1, scope: wrong(['a', undefined]) }),
    /`scope` holds undefined/,
  ],
  ['no arguments', (b) => b.elevatedLogin(wrong(undefined)), /^elevatedLogin: arguments are given as one object/],
  [
    'arguments in a row',
    (b) => b.memberToken(wrong('ada@demo.test')),
    /^memberToken: arguments are given as one object/,
  ],
  [
    'an argument that means nothing',
    (b) => b.elevatedLogin(wrong({ username: 'a', password: 'p', roles: [] })),
    /`roles` means nothing; there are username, password/,
  ],
  ['no username', (b) => b.elevatedLogin(wrong({ password: 'p' })), /`username` must be given/],
  [
    'a username that is a number',
    (b) => b.elevatedLogin(wrong({ username: 7, password: 'p' })),
    /`username` must be a non-empty text/,
  ],
  [
    'a password that is none',
    (b) => b.elevatedLogin(wrong({ username: 'a', password: null })),
    /`password` must be a non-empty text/,
  ],
  [
    'a guest token that is empty',
    (b) => b.elevatedLogin({ username: 'a', password: 'p', guestToken: '' }),
    /`guestToken` must be a non-empty text/,
  ],
  ['no member', (b) => b.memberToken(wrong({})), /`ssoId` or `memberId` or `email` must be given/],
  ['nothing but undefined', (b) => b.memberToken(wrong({ ssoId: undefined, email: undefined })), /must be given/],
  [
    'two members',
    (b) => b.memberToken(wrong({ ssoId: 's', email: 'a@b.test' })),
    /`email` and `ssoId` exclude each other/,
  ],
  ['a member id that is none', (b) => b.memberToken({ memberId: 0 }), /`memberId` must be a whole number above 0/],
  ['half a member', (b) => b.memberToken({ memberId: 1.5 }), /`memberId` must be a whole number/],
  ['a member id with words', (b) => b.memberToken({ memberId: '1 or 2' }), /`memberId` must be a whole number/],
  ['an empty SSO id', (b) => b.memberToken({ ssoId: ' ' }), /`ssoId` must be a non-empty text/],
  ['a line break', (b) => b.memberToken({ ssoId: 'a\nb' }), /`ssoId` must be a non-empty text/],
  ['what is no e-mail', (b) => b.memberToken({ email: 'ada' }), /`email` must be one e-mail address/],
  ['two e-mails', (b) => b.memberToken({ email: 'a@b.test, c@d.test' }), /`email` must be one e-mail address/],
  ['a cache in words', (b) => b.memberToken(wrong({ memberId: 1, cache: 'no' })), /`cache` must be true or false/],
  ['no refresh token', (b) => b.refresh(wrong({})), /^refresh: `refreshToken` must be given/],
  ['an empty refresh token', (b) => b.refresh({ refreshToken: '' }), /`refreshToken` must be a non-empty text/],
  ['a token that is no text', (b) => b.revoke(wrong(7)), /^revoke: the token must be a text/],
  ['nothing to revoke', (b) => b.revoke(''), /^revoke: the token must not be empty/],
  ['nothing to validate', (b) => b.validate(wrong(undefined)), /^validate: the token must be a text/],
  ['a label with spaces', (b) => b.revoke('t', { label: 'a label' }), /^revoke: `label` must be 1 to 64 letters/],
  ['a label without end', (b) => b.revoke('t', { label: 'x'.repeat(65) }), /`label` must be/],
  ['no time at all', (b) => b.revoke('t', { timeoutMs: 0 }), /`timeoutMs` must be a number of milliseconds above 0/],
  ['time in words', (b) => b.revoke('t', wrong({ timeoutMs: '1s' })), /`timeoutMs` must be/],
  ['a signal that is none', (b) => b.revoke('t', wrong({ signal: {} })), /`signal` must be an AbortSignal/],
  [
    'a limit that means nothing',
    (b) => b.revoke('t', wrong({ timeout: 5 })),
    /`timeout` means nothing; there are signal, timeoutMs, label/,
  ],
])('%s is refused with a sentence, before anything is sent', async (_name, call, message) => {
  const { backend, sent } = aBackend()
  const expected = { name: 'AuthError', code: 'argument-invalid', action: 'fix-request', retryable: false }
  await expect(call(backend)).rejects.toMatchObject({ ...expected, message: expect.stringMatching(message) })
  expect(sent).toEqual([])
})

test.each([
  '{{email}}',
  '{{user}}@demo.test',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what a template leaves behind
  '${name}@demo.test',
  '<%= email %>',
  '*|EMAIL|*',
  '%EMAIL%',
  '[[email]]',
])('a template nobody filled in is no e-mail: %s', async (email) => {
  const { backend, sent } = aBackend()
  await expect(backend.memberToken({ email })).rejects.toMatchObject({
    code: 'argument-invalid',
    message: 'memberToken: `email` holds a placeholder that was never filled in.',
  })
  await expect(backend.memberToken({ ssoId: email })).rejects.toMatchObject({ code: 'argument-invalid' })
  expect(sent).toEqual([])
})

test('what a person left empty is not sent, and is theirs to type again', async () => {
  const { backend, sent } = aBackend()
  for (const empty of [
    { username: '', password: 'p' },
    { username: 'ada', password: '' },
  ]) {
    await expect(backend.elevatedLogin(empty)).rejects.toMatchObject({ code: 'wrong-credentials', action: 'retry' })
  }
  expect(sent).toEqual([])
})

const options = { issuer: issuerAddress, clientId: 'community', clientSecret: 'a secret' }

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /`issuer` must be an absolute address/],
  ['an issuer over http', { ...options, issuer: 'http://id.example.com/demo' }, /`issuer` must be https/],
  ['an issuer with a slash at the end', { ...options, issuer: `${issuerAddress}/` }, /`issuer` must not end/],
  ['no client', { ...options, clientId: '' }, /`clientId` must be a non-empty text/],
  [
    'a variable that is not set',
    { ...options, clientSecret: undefined },
    /`clientSecret` must be a non-empty text; is its variable set\?/,
  ],
  [
    'an option that does not exist',
    { ...options, appToken: 'a secret' },
    /`appToken` is not an option; there are issuer/,
  ],
])('a backend of %s is refused at once', (_name, given, message) => {
  expect(() => createBackend(wrong(given))).toThrow(
    expect.objectContaining({ name: 'AuthError', code: 'configuration', message: expect.stringMatching(message) }),
  )
})

test.each([
  ['a page', { window: { document: {} } }],
  ['a browser’s worker', { importScripts: () => undefined }],
  ['a phone’s app', { navigator: { product: 'ReactNative' } }],
])('%s gets no backend, and a sentence that says why', (_name, globals) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  expect(() => createBackend(options)).toThrow(
    expect.objectContaining({
      code: 'in-browser',
      action: 'fix-configuration',
      message: expect.stringMatching(/holds a client secret and does not run in a browser.*createAuth/),
    }),
  )
})

test('a runtime whose global object is called window gets one', () => {
  vi.stubGlobal('window', globalThis)
  expect(createBackend(options)).toHaveProperty('memberToken')
})
