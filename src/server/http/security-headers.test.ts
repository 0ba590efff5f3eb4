import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aPkce, authorizeUrl, signedIn } from '../test/flows.ts'
import { ALLOW, pageOf, signInStep, visitConsent, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestResponse } from '../test/test-browser.ts'
import { APP_ORIGIN, aConfig } from '../test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** Every kind of page there is, and where its form may lead besides ourselves. */
const pages: [string, () => Promise<TestResponse>, string[]][] = [
  ['the sign-in page', async () => (await visitSignIn(app)).response, [APP_ORIGIN]],
  ['the sign-in page after a wrong password', wrongPassword, [APP_ORIGIN]],
  ['the sign-in page of a request begun anew', continuedElsewhere, [APP_ORIGIN]],
  ['the consent page', visitFreshConsent, [APP_ORIGIN]],
  ['the question before signing out', signOutQuestion, []],
  ['the question before signing out, to go back to the app', signOutQuestionOfApp, [APP_ORIGIN]],
  ['the page after signing out', () => app.browser().open('/demo/logout'), []],
  ['a problem the engine met', () => app.browser().get('/demo/authorize?client_id=nobody'), []],
  ['a problem we met', () => app.browser().get('/demo/interaction/nonsense'), []],
  ['a page that does not exist', () => app.browser().get('/nowhere'), []],
  ['a method that is not answered', () => app.browser().postForm('/demo/authorize', {}), []],
]

describe.each(pages)('%s', (_what, open, formTargets) => {
  let response: TestResponse
  let policy: Map<string, string>
  beforeAll(async () => {
    response = await open()
    policy = policyOf(response)
  })

  test('is a page of ours', () => {
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(response.body).toContain('id="page-state"')
  })

  test('can’t be framed, kept, or guessed to be something else', () => {
    expect(policy.get('frame-ancestors')).toBe("'none'")
    expect(response.headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
  })

  test('tells no other site where it was reached from', () => {
    expect(response.headers['referrer-policy']).toBe('same-origin')
  })

  test('runs only scripts that carry the nonce of this one answer', async () => {
    const [, nonce = ''] = /^'nonce-([\w+/]{22}==)'$/.exec(policy.get('script-src') ?? '') ?? []
    expect(nonce).not.toBe('')
    const scripts = [...response.body.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)
    expect(scripts.length).toBeGreaterThan(0)
    for (const tag of scripts) expect(tag).toContain(`nonce="${nonce}"`)
    expect(response.body).not.toMatch(/\son\w+=|javascript:/i)
    expect(policyOf(await open()).get('script-src')).not.toBe(policy.get('script-src'))
  })

  test('loads nothing from elsewhere', () => {
    expect(Object.fromEntries(policy)).toMatchObject({
      'default-src': "'none'",
      'object-src': "'none'",
      'base-uri': "'none'",
    })
    const sources = [...policy].filter(([name]) => name.endsWith('-src')).flatMap(([, value]) => value.split(' '))
    expect(sources.filter((source) => !/^('none'|'self'|'nonce-[\w+/=]+'|data:)$/.test(source))).toEqual([])
    expect(sources).not.toContain("'unsafe-inline'")
    const loaded = [...response.body.matchAll(/<(?:script|link|img)\b[^>]*?\s(?:src|href)="([^"]*)"/g)].map(
      ([, url]) => url,
    )
    expect(loaded.length).toBeGreaterThan(0)
    for (const url of loaded) expect(url).toMatch(/^\/(?!\/)/)
  })

  test('sends its forms to us, and on to where this request was registered to go', () => {
    expect(policy.get('form-action')).toBe(["'self'", ...formTargets].join(' '))
  })
})

async function wrongPassword(): Promise<TestResponse> {
  const { browser, state } = await visitSignIn(app)
  return browser.postForm(state.action, signInStep({ username: 'ada', password: 'wrong' }))
}

async function continuedElsewhere(): Promise<TestResponse> {
  const { state } = await visitSignIn(app)
  const fields = signInStep({ username: 'ada', password: 'wrong' })
  return app.browser().postForm(state.action, { ...fields, sealed_request: state.sealedRequest })
}

async function visitFreshConsent(): Promise<TestResponse> {
  await app.store.db.deleteFrom('consents').execute()
  return (await visitConsent(app)).response
}

async function signOutQuestion(): Promise<TestResponse> {
  const { browser } = await signedIn(app)
  return browser.open('/demo/logout')
}

async function signOutQuestionOfApp(): Promise<TestResponse> {
  const { browser } = await signedIn(app)
  const query = new URLSearchParams({ client_id: 'catalog', post_logout_redirect_uri: `${APP_ORIGIN}/` })
  return browser.open(`/demo/logout?${query}`)
}

function policyOf({ headers }: TestResponse): Map<string, string> {
  const directives = String(headers['content-security-policy']).split('; ')
  return new Map(
    directives.map((directive) => [directive.split(' ')[0] ?? '', directive.split(' ').slice(1).join(' ')]),
  )
}

describe('an answer that is no page', () => {
  test.each(['/healthz', '/demo/jwks', '/demo/.well-known/openid-configuration', '/nowhere', '/demo/token'])(
    '%s carries the same protection',
    async (address) => {
      const { headers } = await app.browser().get(address, { accept: 'application/json' })
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'content-security-policy': "default-src 'none'; script-src; frame-ancestors 'none'; base-uri 'none'",
      })
    },
  )
})

describe('redirects after a form (RFC 9700 section 4.12)', () => {
  test('are 303, so that no browser repeats a password to the app', async () => {
    await app.store.db.deleteFrom('consents').execute()
    const { browser, state } = await visitSignIn(app)
    const afterPassword = await browser.postForm(state.action, signInStep())
    const consent = pageOf(await browser.follow(afterPassword), 'consent')
    const afterConsent = await browser.postForm(consent.action, ALLOW)
    const toApp = await browser.get(afterConsent.location?.href ?? '')
    expect(toApp.location?.origin).toBe(APP_ORIGIN)
    const question = pageOf(await browser.open('/demo/logout'), 'sign-out')
    const afterSignOut = await browser.postForm(question.action, { ...question.fields, logout: 'yes' })
    const statuses = [afterPassword, afterConsent, toApp, afterSignOut].map(({ status }) => status)
    expect(statuses).toEqual([303, 303, 303, 303])
  })

  test('and what leads to the app with a code or a token is not kept by any cache', async () => {
    const { browser } = await signedIn(app)
    const legacy = { client_id: 'legacy', redirect_uri: 'https://legacy.test/', response_type: 'id_token token' }
    const answers = [
      await browser.get(authorizeUrl(aPkce())),
      await browser.get(authorizeUrl(aPkce(), legacy)),
      await browser.get(authorizeUrl(aPkce(), { ...legacy, response_mode: 'form_post' })),
    ]
    expect(answers.map(({ location, body }) => /[?&#]code=|access_token/.test(`${location?.href}${body}`))).toEqual([
      true,
      true,
      true,
    ])
    for (const { headers } of answers) expect(headers['cache-control']).toBe('no-store')
  })

  test('the step before it neither', async () => {
    const { browser, state } = await visitSignIn(app)
    expect((await browser.postForm(state.action, signInStep())).headers['cache-control']).toBe('no-store')
    expect((await browser.postJson(state.action, signInStep())).headers['cache-control']).toBe('no-store')
  })
})

describe('served over https', () => {
  let secure: TestApp
  beforeAll(async () => {
    secure = await startTestApp({ config: aConfig({ file: { origin: 'https://id.shop.test' } }) })
  })
  afterAll(() => secure.close())

  const year = 'max-age=31536000; includeSubDomains'

  test.each(['/healthz', '/demo/jwks', '/demo/authorize?client_id=nobody', '/nowhere'])(
    '%s tells browsers to stay on https for a year',
    async (address) => {
      expect((await secure.browser().get(address)).headers['strict-transport-security']).toBe(year)
    },
  )

  test('a page opened over plain http on this machine does not', async () => {
    expect((await app.browser().get('/healthz')).headers['strict-transport-security']).toBeUndefined()
  })
})
