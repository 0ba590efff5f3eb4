import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aPkce, authorizeUrl } from '../test/flows.ts'
import { signInStep, visitSignIn } from '../test/portal-steps.ts'
import { listen, openRawConnection } from '../test/raw-connection.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfig, ORIGIN } from '../test/test-config.ts'

const limits = { body_bytes: 20_000, parameter_characters: 1_000, parameters: 20, request_seconds: 1 }

let app: TestApp
let port: number
beforeAll(async () => {
  app = await startTestApp({ config: aConfig({ file: { limits } }) })
  port = await listen(app)
})
afterAll(() => app.close())

function post(url: string, payload: string, contentType = 'application/x-www-form-urlencoded') {
  const headers = { host: new URL(ORIGIN).host, origin: ORIGIN, 'content-type': contentType }
  return app.server.inject({ method: 'POST', url, headers, payload })
}

const forms = ['/demo/token', '/demo/par', '/demo/revoke', '/demo/introspect', '/demo/userinfo', '/demo/logout/confirm']
const steps = '/demo/interaction/AAAAAAAAAAAAAAAAAAAAA'

describe.each([...forms, steps])('a form sent to %s', (url) => {
  test.each<[number, string, string]>([
    [413, 'is larger than allowed', `a=${'x'.repeat(limits.body_bytes)}`],
    [400, 'has a value longer than allowed', `step=${'x'.repeat(limits.parameter_characters + 1)}`],
    [
      400,
      'has more parameters than allowed',
      Array.from({ length: limits.parameters + 1 }, (_, n) => `p${n}=1`).join('&'),
    ],
    [400, 'has a name longer than allowed', `${'n'.repeat(201)}=1`],
  ])('is refused with %i when it %s', async (status, _what, form) => {
    const response = await post(url, form)
    expect(response.statusCode).toBe(status)
    expect(response.body.length).toBeLessThan(1_000)
    expect(response.headers['content-type']).toMatch(/^application\/(problem\+)?json/)
  })
})

describe('JSON sent to a step', () => {
  test.each<[number, string, string]>([
    [413, 'is larger than allowed', JSON.stringify({ step: 'sign-in', username: 'x'.repeat(limits.body_bytes) })],
    [400, 'is cut off', '{"step":"sign-in"'],
    [400, 'is empty', ''],
    [400, 'is nested without end', '['.repeat(limits.body_bytes - 1)],
    [400, 'is nested deeply', `${'{"step":'.repeat(2_000)}1${'}'.repeat(2_000)}`],
    [400, 'is no object', '"sign-in"'],
    [400, 'names a prototype', '{"__proto__":{"step":"sign-in"},"username":"ada","password":"x"}'],
    [
      400,
      'has a value longer than allowed',
      JSON.stringify(signInStep({ username: 'ada', password: 'x'.repeat(limits.parameter_characters + 1) })),
    ],
    [400, 'has no text where text belongs', '{"step":"sign-in","username":["ada"],"password":{"$ne":null}}'],
  ])('is refused with %i when it %s', async (status, _what, body) => {
    const { browser, state } = await visitSignIn(app)
    const headers = { host: new URL(ORIGIN).host, origin: ORIGIN, cookie: browser.cookieHeader(state.action) }
    const response = await app.server.inject({
      method: 'POST',
      url: state.action,
      headers: { ...headers, 'content-type': 'application/json' },
      payload: body,
    })
    expect(response.statusCode).toBe(status)
    expect(response.json()).toMatchObject({ status, type: 'about:blank' })
  })
})

test('a program is told what was wrong with its body', async () => {
  const tooLarge = await post('/demo/token', `a=${'x'.repeat(limits.body_bytes)}`)
  expect(tooLarge.json()).toEqual({ error: 'invalid_request', error_description: 'this body is too large' })
  const wrongType = await post('/demo/token', '{}', 'application/json')
  expect(wrongType.json().error_description).toMatch(/application\/x-www-form-urlencoded/)
})

test('a sealed request may be as long as a whole request', async () => {
  const { state } = await visitSignIn(app, { overrides: { state: 's'.repeat(900), nonce: 'n'.repeat(900) } })
  expect(state.sealedRequest.length).toBeGreaterThan(limits.parameter_characters)
  const response = await app.browser().postForm(state.action, { ...signInStep(), sealed_request: state.sealedRequest })
  expect(response.status).toBe(303)
})

test.each([
  ['twice', 'step=sign-in&step=consent&username=ada&password=x'],
  ['twice, once empty', 'step=sign-in&username=ada&username=&password=x'],
])('a field of a step sent %s is refused', async (_what, form) => {
  const response = await post(steps, form)
  expect(response.statusCode).toBe(400)
  expect(response.json().detail).toMatch(/was sent more than once/)
})

test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'application/json; charset=utf-16'])(
  'a body of type %s is refused',
  async (type) => {
    expect(
      (await post(steps, '{"step":"sign-in","username":"ada","password":"x"}', type)).statusCode,
    ).toBeGreaterThanOrEqual(400)
    expect((await post('/demo/token', 'grant_type=x', type)).statusCode).toBe(415)
  },
)

describe('a query', () => {
  const get = (url: string) =>
    app.server.inject({ url: url.replace(ORIGIN, ''), headers: { host: new URL(ORIGIN).host, accept: 'text/html' } })

  test.each<[string, Record<string, string>]>([
    ['a value longer than allowed', { state: 'x'.repeat(limits.parameter_characters + 1) }],
    ['more parameters than allowed', Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`p${n}`, '1']))],
    ['a name longer than allowed', { ['n'.repeat(201)]: '1' }],
  ])('with %s is refused, and starts nothing', async (_what, parameters) => {
    const response = await get(authorizeUrl(aPkce(), parameters))
    expect(response.statusCode).toBe(400)
    expect(response.headers['set-cookie']).toBeUndefined()
    expect(response.headers.location).toBeUndefined()
  })

  test.each(['/demo/logout', '/demo/userinfo', '/demo/jwks'])('of %s is measured as well', async (url) => {
    expect((await get(`${url}?state=${'x'.repeat(2_000)}`)).statusCode).toBe(400)
  })
})

describe('on the wire', () => {
  const head = (method: string, url: string, lines: string[] = []) =>
    `${[`${method} ${url} HTTP/1.1`, 'Host: localhost:3000', ...lines].join('\r\n')}\r\n`

  async function answerTo(...parts: string[]): Promise<string> {
    const connection = await openRawConnection(port)
    for (const part of parts) connection.send(part)
    return connection.answer()
  }

  test('a header larger than 16 KiB is refused with 431', async () => {
    const answer = await answerTo(head('GET', '/healthz', [`X-Large: ${'x'.repeat(20_000)}`]), '\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('headers without end are refused with 431', async () => {
    const many = Array.from({ length: 3_000 }, (_, n) => `X-${n}: 1`)
    expect(await answerTo(head('GET', '/healthz', many), '\r\n')).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('an address larger than 16 KiB is refused with 431', async () => {
    expect(await answerTo(head('GET', `/demo/authorize?state=${'x'.repeat(20_000)}`), '\r\n')).toMatch(
      /^HTTP\/1\.1 431 /,
    )
  })

  test('what is no HTTP is refused with 400', async () => {
    expect(await answerTo('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('a body that comes in pieces is measured all the same', async () => {
    const lines = ['Content-Type: application/x-www-form-urlencoded', 'Transfer-Encoding: chunked', 'Connection: close']
    const piece = `1000\r\n${'x'.repeat(4_096)}\r\n`
    const answer = await answerTo(`${head('POST', '/demo/token', lines)}\r\n`, piece.repeat(6), '0\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  })

  test.each([
    ['never ends its headers', head('GET', '/healthz', ['X-Slow: yes'])],
    [
      'never sends the body it promised',
      `${head('POST', '/demo/token', ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 100'])}\r\ngrant`,
    ],
  ])('a request that %s is cut off with 408, soon', async (_what, text) => {
    const started = performance.now()
    const answer = await answerTo(text)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(performance.now() - started).toBeLessThan(4_000)
  })

  test('a refusal on the wire says nothing of what was sent', async () => {
    const answer = await answerTo(
      head('GET', '/healthz', ['Cookie: secret-cookie', `X: ${'y'.repeat(20_000)}`]),
      '\r\n',
    )
    expect(answer).not.toMatch(/secret-cookie|yyyy|healthz/)
  })
})
