import { createHash } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aPkce, authorizeUrl, redeem, signedIn } from '../test/flows.ts'
import { answerAtApp } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { pageStateOf, type TestBrowser, type TestResponse } from '../test/test-browser.ts'
import { APP_ORIGIN, ISSUER, REDIRECT_URI } from '../test/test-config.ts'

let app: TestApp
let ada: TestBrowser
beforeAll(async () => {
  app = await startTestApp()
  ada = (await signedIn(app)).browser
})
afterAll(() => app.close())

const silent = { prompt: 'none', response_mode: 'web_message' }
const ask = (browser: TestBrowser, overrides: Record<string, string | null> = {}, pkce = aPkce()) =>
  browser.get(authorizeUrl(pkce, { ...silent, ...overrides }))

const scriptOf = ({ body }: TestResponse) => /<script>(.*)<\/script>/s.exec(body)?.[1] ?? ''
const policyOf = ({ headers }: TestResponse) => String(headers['content-security-policy']).split('; ')

/** What the answer's script posts, and to whom, as it would in a frame. */
function messageOf(response: TestResponse): { message: unknown; target: string } {
  const posted: { message: unknown; target: string }[] = []
  const parent = { postMessage: (message: unknown, target: string) => posted.push({ message, target }) }
  const document = { scripts: [{ parentElement: { removeChild: () => undefined } }] }
  runInNewContext(scriptOf(response), { document, parent, close: () => undefined })
  expect(posted).toHaveLength(1)
  return JSON.parse(JSON.stringify(posted[0]))
}

describe('an answer posted to the app that frames it', () => {
  test('holds a code that buys tokens, and goes to the registered address alone (RFC 9700 section 4.17)', async () => {
    const pkce = aPkce()
    const answer = await ask(ada, {}, pkce)
    expect(answer.status).toBe(200)
    const { message, target } = messageOf(answer)
    expect(target).toBe(REDIRECT_URI)
    const { response } = message as { response: { code: string } }
    expect(message).toEqual({
      type: 'authorization_response',
      response: { code: expect.any(String), state: 'state-of-the-app', iss: ISSUER },
    })
    expect((await redeem(app, { code: response.code, pkce })).status).toBe(200)
  })

  test('says that nobody is signed in, with state and iss, and shows no page', async () => {
    const answer = await ask(app.browser())
    expect(answer.status).toBe(400)
    expect(answer.body).not.toContain('page-state')
    expect(messageOf(answer).message).toMatchObject({
      response: { error: 'login_required', state: 'state-of-the-app', iss: ISSUER },
    })
  })

  test('can be framed by the origin it is for and by no other, runs its one script, and is not kept', async () => {
    for (const answer of [await ask(ada), await ask(app.browser())]) {
      const hash = createHash('sha256').update(scriptOf(answer)).digest('base64')
      expect(policyOf(answer)).toEqual([
        "default-src 'none'",
        `script-src 'sha256-${hash}'`,
        "base-uri 'none'",
        `frame-ancestors ${APP_ORIGIN}`,
      ])
      expect(answer.headers['x-frame-options']).toBeUndefined()
      expect(answer.headers['cache-control']).toBe('no-store')
    }
  })

  test('lets nothing out of its script', async () => {
    const answer = await ask(app.browser(), { state: '</script><script>alert(1)</script>' })
    expect(answer.body.match(/<script/g)).toHaveLength(1)
    expect(messageOf(answer).message).toMatchObject({ response: { state: '</script><script>alert(1)</script>' } })
  })
})

describe('nothing else can be framed', () => {
  const strange: [string, Record<string, string>][] = [
    ['an address nobody registered', { redirect_uri: 'https://evil.test/callback' }],
    ['another client’s address', { redirect_uri: 'https://legacy.test/' }],
    ['an unknown client', { client_id: 'nobody' }],
    ['a relay', { web_message_uri: 'https://evil.test/', web_message_target: 'evil' }],
  ]
  test.each(strange)('%s gets a page that no frame shows, and no message', async (_case, overrides) => {
    const answer = await ask(ada, overrides)
    expect(pageStateOf(answer).page).toBe('problem')
    expect(policyOf(answer)).toContain("frame-ancestors 'none'")
    expect(answer.headers['x-frame-options']).toBe('DENY')
    expect(answer.body).not.toContain('postMessage')
  })

  test('a request that could need a page is refused, in the address', async () => {
    for (const prompt of [null, 'login', 'consent']) {
      const answer = await ask(ada, { prompt })
      expect(answerAtApp(answer)).toMatchObject({ error: 'invalid_request', state: 'state-of-the-app' })
      expect(policyOf(answer)).toContain("frame-ancestors 'none'")
    }
  })

  test('an app that is no page, or has tokens in its answers, gets none', async () => {
    const orders = { client_id: 'orders', redirect_uri: 'http://localhost:3002/callback' }
    const legacy = { client_id: 'legacy', redirect_uri: 'https://legacy.test/', response_type: 'id_token token' }
    for (const overrides of [orders, legacy]) {
      expect(messageOf(await ask(ada, overrides)).message).toMatchObject({ response: { error: 'invalid_request' } })
    }
  })
})
