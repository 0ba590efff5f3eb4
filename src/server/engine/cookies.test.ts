import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aPkce, authorizeUrl, completeSignIn } from '../test/flows.ts'
import { pageOf } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestResponse } from '../test/test-browser.ts'
import { aConfig } from '../test/test-config.ts'

interface SetCookie {
  line: string
  name: string
  value: string
  attributes: Map<string, string>
}

function cookiesOf({ headers }: TestResponse): SetCookie[] {
  return [headers['set-cookie'] ?? []].flat().map((line) => {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', ...value] = pair.split('=')
    const parsed = attributes.map((attribute): [string, string] => {
      const [key = '', ...rest] = attribute.split('=')
      return [key.toLowerCase(), rest.join('=')]
    })
    return { line, name, value: value.join('='), attributes: new Map(parsed) }
  })
}

/** Every cookie set on the way from an app's request to its answer and to signing out. */
async function collectCookies(app: TestApp, overrides: Record<string, string> = {}): Promise<SetCookie[]> {
  const browser = app.browser()
  const started = await browser.get(authorizeUrl(aPkce(), overrides))
  const signIn = await browser.follow(started)
  const accepted = await completeSignIn(browser, signIn)
  const question = await browser.open('/demo/logout')
  const { action, fields } = pageOf(question, 'sign-out')
  const signedOut = await browser.postForm(action, { ...fields, logout: 'yes' })
  return [started, signIn, accepted, question, signedOut].flatMap(cookiesOf)
}

describe('over https', () => {
  let app: TestApp
  let cookies: SetCookie[]
  beforeAll(async () => {
    app = await startTestApp({ config: aConfig({ file: { origin: 'https://id.shop.test' } }) })
    cookies = await collectCookies(app)
  })
  afterAll(() => app.close())

  test('the session’s is __Host-: no other host, and no page over http, can plant one', () => {
    const session = cookies.filter(({ name }) => name.includes('session'))
    expect(session.length).toBeGreaterThan(1)
    for (const { name, attributes } of session) {
      expect(name).toMatch(/^__Host-portico_demo_session(\.sig)?$/)
      expect(attributes.get('path')).toBe('/')
      expect(attributes.has('domain')).toBe(false)
    }
  })

  test('an interaction’s are __Secure- and belong to its own path, so that tabs don’t collide', () => {
    const others = cookies.filter(({ name }) => !name.includes('session'))
    expect(new Set(others.map(({ name }) => name.replace('.sig', '')))).toEqual(
      new Set(['interaction', 'resume', 'request'].map((purpose) => `__Secure-portico_demo_${purpose}`)),
    )
    for (const { name, attributes } of others) {
      const path = name.includes('resume') ? /^\/demo\/authorize\/[\w-]{20,}$/ : /^\/demo\/interaction\/[\w-]{20,}$/
      expect(attributes.get('path')).toMatch(path)
      expect(attributes.has('domain')).toBe(false)
    }
  })

  test('every one is Secure, HttpOnly and SameSite=Lax, and small', () => {
    for (const { line, attributes } of cookies) {
      expect([...attributes.keys()]).toEqual(expect.arrayContaining(['secure', 'httponly']))
      expect(attributes.get('samesite')).toBe('lax')
      expect(line.length).toBeLessThan(4_096)
    }
  })

  test('each that says who somebody is comes with a signature', () => {
    const names = new Set(cookies.map(({ name }) => name))
    for (const name of names) {
      if (name.endsWith('.sig') || name.endsWith('_request')) continue
      expect(names).toContain(`${name}.sig`)
    }
  })
})

describe('over http on this machine', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  test('the session’s stays with its tenant: apps on other ports of this host don’t get it', async () => {
    const cookies = await collectCookies(app)
    for (const { name, attributes } of cookies) {
      expect(name).toMatch(/^portico_demo_/)
      expect(attributes.get('path')).toMatch(/^\/demo(\/|$)/)
      expect(attributes.has('httponly')).toBe(true)
      expect(attributes.get('samesite')).toBe('lax')
    }
  })

  test('a request too long for a cookie is carried by the page alone', async () => {
    const browser = app.browser()
    const long = { state: 's'.repeat(3_900), nonce: 'n'.repeat(3_900) }
    const started = await browser.get(authorizeUrl(aPkce(), long))
    const cookies = cookiesOf(started)
    expect(cookies.map(({ name }) => name)).not.toContain('portico_demo_request')
    expect(Math.max(...cookies.map(({ line }) => line.length))).toBeLessThan(4_096)
    expect(pageOf(await browser.follow(started), 'sign-in').sealedRequest.length).toBeGreaterThan(4_096)
  })
})
