import { describe, expect, test } from 'vitest'
import { PageState, type PageState as State } from '../contract/page-state.ts'
import { aConsentPage, aLeavingPage, aProblemPage, aSignedOutPage, aSignInPage, aSignOutPage } from './page/a-page.ts'
import { render } from './render.tsx'

const draw = (state: State) => render(state, { nonce: 'bm9uY2U=', locale: 'en', theme: 'auto' })
const hostile = `</script><script>alert(1)</script>"'><img src=x onerror=alert(1)>\u202e`

const upstreams = [
  { name: 'acme', label: 'Acme' },
  { name: 'other', label: 'Other' },
]
const [acme = { name: '', label: '' }] = upstreams

const everyPage: State[] = [
  aSignInPage(),
  aSignInPage({ username: 'ada', error: { code: 'wrong-credentials' } }),
  aSignInPage({ upstreams, error: { code: 'upstream-denied', upstream: 'Acme' } }),
  aSignInPage({ upstreams, connect: { upstream: acme, email: 'ada@demo.test' } }),
  aConsentPage(),
  aLeavingPage(),
  aSignOutPage(),
  aSignOutPage({ scope: 'everywhere' }),
  aSignedOutPage(),
  aSignedOutPage({ elsewhere: 'unchanged' }),
  aProblemPage(),
]

describe.each(everyPage.map((state) => [state.page, state] as const))('the %s page', (_name, state) => {
  const html = draw(state)

  test('is a whole document with one heading, a main part and a footer', () => {
    expect(html).toMatch(/^<!doctype html>\s*<html lang="en"/)
    for (const tag of ['<h1', '<main', '<footer', '<title>']) expect(html.split(tag)).toHaveLength(2)
  })

  test('carries the state it shows', () => {
    const [, json = ''] = /<script type="application\/json" id="page-state"[^>]*>(.*?)<\/script>/s.exec(html) ?? []
    expect(PageState.parse(JSON.parse(json))).toEqual(state)
  })

  test('has no inline style and no inline handler, which its policy would refuse', () => {
    expect(html).not.toMatch(/\s(style|on[a-z]+)=/)
  })

  test('keeps search engines out', () => {
    expect(html).toContain('<meta name="robots" content="noindex"')
  })
})

describe('words of others stay text', () => {
  const tenant = { id: 'demo', name: hostile }
  const client = {
    name: hostile,
    uri: 'javascript:alert(1)',
    policyUri: 'javascript:alert(2)',
    tosUri: 'data:text/html,x',
  }
  const person = { name: hostile, username: hostile }
  const pages: State[] = [
    aSignInPage({ tenant, client, username: hostile, action: hostile, sealedRequest: hostile }),
    aSignInPage({ tenant, client, notice: 'sign-in-again' }),
    aSignInPage({
      tenant,
      client,
      upstreams: [{ name: hostile, label: hostile }],
      connect: { upstream: { name: 'x', label: hostile }, email: hostile },
      error: { code: 'upstream-failed', upstream: hostile },
    }),
    aLeavingPage({ tenant, address: `https://id.acme.test/?${hostile}` }),
    aLeavingPage({ tenant, address: 'javascript:alert(1)' }),
    aConsentPage({ tenant, client, person, scopes: [hostile] }),
    aSignOutPage({ tenant, client, person, fields: { [hostile]: hostile }, apps: [hostile] }),
    aSignedOutPage({ tenant, client }),
    aProblemPage({ tenant, client, requestId: hostile }),
  ]

  test.each(pages.map((state) => [state.page, state] as const))('on the %s page', (_name, state) => {
    const html = draw(state)
    const plain = draw({ ...state, tenant: { id: 'demo', name: 'Demo' } })
    expect(html).not.toContain('<img')
    expect(html.match(/<script/g)).toEqual(plain.match(/<script/g))
    expect(html.match(/<script/g)).toHaveLength(2)
  })

  test.each(pages.map((state) => [state.page, state] as const))(
    'and no link leads to a script on the %s page',
    (_name, state) => {
      expect(draw(state)).not.toMatch(/href="(javascript|data):/)
    },
  )

  test('a name keeps its direction of writing to itself, in the page and in the title', () => {
    const html = draw(aSignInPage({ tenant, client }))
    expect(html).toMatch(/<bdi[^>]*>&lt;\/script&gt;/)
    expect(/<title>(.*?)<\/title>/s.exec(html)?.[1]).not.toContain('\u202e')
  })
})

describe('without script', () => {
  test('the sign-in form posts the step, the sealed request, the name and the password', () => {
    const html = draw(aSignInPage({ username: 'ada' }))
    expect(find(html, 'form', {})).toMatchObject({ method: 'post', action: '/demo/interaction/abc' })
    expect(find(html, 'input', { name: 'step' })).toMatchObject({ type: 'hidden', value: 'sign-in' })
    expect(find(html, 'input', { name: 'sealed_request' })).toMatchObject({ type: 'hidden', value: 'sealed-request' })
    expect(find(html, 'input', { name: 'username' })).toMatchObject({ type: 'text', value: 'ada' })
    expect(find(html, 'input', { name: 'password' })).toMatchObject({ type: 'password' })
  })

  test('password managers find what they look for', () => {
    const html = draw(aSignInPage())
    const name = { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false' }
    expect(find(html, 'input', { name: 'username' })).toMatchObject(name)
    expect(find(html, 'input', { name: 'password' })).toMatchObject({ autocomplete: 'current-password' })
  })

  test.each([
    ['username', aSignInPage()],
    ['password', aSignInPage({ username: 'ada' })],
    ['password', aSignInPage({ username: 'ada', error: { code: 'wrong-credentials' } })],
    ['username', aSignInPage({ error: { code: 'missing-username' } })],
    ['password', aSignInPage({ username: 'ada', error: { code: 'missing-password' } })],
  ])('the cursor starts where it is needed: %s', (name, state) => {
    expect(find(draw(state), 'input', { autofocus: '' })).toMatchObject({ name })
  })

  test('an error of one field is tied to that field', () => {
    const html = draw(aSignInPage({ error: { code: 'missing-username' } }))
    const tied = { 'aria-invalid': 'true', 'aria-describedby': 'username-error' }
    expect(find(html, 'input', { name: 'username' })).toMatchObject(tied)
    expect(find(html, 'input', { name: 'password' })).toMatchObject({ 'aria-invalid': 'false' })
    expect(find(html, 'p', { id: 'username-error' })).toMatchObject({ role: 'alert' })
  })

  test.each(['username', 'password'])('a sign-in that does not fit points at the %s as at the other', (name) => {
    const html = draw(aSignInPage({ username: 'ada', error: { code: 'wrong-credentials' } }))
    const tied = { 'aria-invalid': 'true', 'aria-describedby': 'step-alert' }
    expect(find(html, 'input', { name })).toMatchObject(tied)
    expect(find(html, 'p', { id: 'step-alert' })).toMatchObject({ role: 'alert' })
  })

  test('there is no button that needs the script', () => {
    expect(draw(aSignInPage())).not.toContain('Show password')
  })

  test('each other provider is a button of one form, in the order the operator chose', () => {
    const html = draw(aSignInPage({ upstreams }))
    expect(find(html, 'input', { name: 'step', value: 'upstream' })).toMatchObject({ type: 'hidden' })
    for (const { name } of upstreams) {
      expect(find(html, 'button', { name: 'upstream', value: name })).toMatchObject({ type: 'submit' })
    }
    const inOrder = ['name="password"', 'Continue with <bdi', '>Acme<', '>Other<'].map((text) => html.indexOf(text))
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
    expect(html.split('name="sealed_request"')).toHaveLength(3)
  })

  test('where there is no other provider nothing is said of any', () => {
    expect(draw(aSignInPage())).not.toContain('Continue with')
    expect(find(draw(aSignInPage()), 'input', { name: 'step', value: 'upstream' })).toBeUndefined()
  })

  test('whoever comes from a provider isn’t sent back to it, and can decline', () => {
    const html = draw(aSignInPage({ upstreams, connect: { upstream: acme, email: 'ada@demo.test' } }))
    expect(find(html, 'input', { name: 'step', value: 'forget-upstream' })).toMatchObject({ type: 'hidden' })
    expect(find(html, 'button', { name: 'upstream', value: 'acme' })).toBeUndefined()
    expect(find(html, 'button', { name: 'upstream', value: 'other' })).toBeDefined()
  })

  test('the page in between leads on by a link', () => {
    const address = 'https://id.acme.test/authorize?state=s'
    expect(find(draw(aLeavingPage({ address })), 'a', { href: address })).toBeDefined()
  })

  test('allow and deny are two buttons of one form, and another person is one form away', () => {
    const html = draw(aConsentPage())
    for (const value of ['allow', 'deny']) {
      expect(find(html, 'button', { name: 'decision', value })).toMatchObject({ type: 'submit' })
    }
    for (const value of ['consent', 'switch-account']) {
      expect(find(html, 'input', { name: 'step', value })).toMatchObject({ type: 'hidden' })
    }
  })

  test('consent says who asks, what for, for how long and of whom', () => {
    const text = draw(aConsentPage({ scopes: ['openid', 'profile', 'Shopper'] })).replaceAll(/<[^>]*>/g, '')
    for (const part of ['Catalog would like to', 'see your name', 'Shopper', 'until it is withdrawn', 'Ada Lovelace'])
      expect(text).toContain(part)
  })

  test('signing out posts what the question came with, and the answer', () => {
    const html = draw(aSignOutPage())
    expect(find(html, 'form', {})).toMatchObject({ method: 'post', action: '/demo/logout/confirm' })
    expect(find(html, 'input', { name: 'xsrf' })).toMatchObject({ type: 'hidden', value: 'secret' })
    expect(find(html, 'button', { name: 'logout' })).toMatchObject({ type: 'submit', value: 'browser' })
  })

  test('signing out everywhere is asked as such, and one link away from the smaller question', () => {
    const everywhere = draw(aSignOutPage({ scope: 'everywhere' }))
    expect(find(everywhere, 'button', { name: 'logout' })).toMatchObject({ type: 'submit', value: 'everywhere' })
    expect(everywhere).toMatch(/every browser and on every device/)
    const widen = '/demo/logout?logout_scope=everywhere'
    expect(find(draw(aSignOutPage({ widen })), 'a', { href: widen })).toBeDefined()
  })

  test('the question names every app that it ends', () => {
    const apps = ['Catalog', 'Legacy', 'Orders']
    const text = draw(aSignOutPage({ apps })).replaceAll(/<[^>]+>/g, '')
    expect(text).toContain('Demo Store in this browser: Catalog, Legacy and Orders.')
    expect(draw(aSignOutPage({ apps: [] })).replaceAll(/<[^>]+>/g, '')).toContain('Demo Store in this browser.')
  })

  test('who wanted to be signed out everywhere and could not be is told', () => {
    const text = (state: State) => draw(state).replaceAll(/<[^>]+>/g, '')
    expect(text(aSignedOutPage({ elsewhere: 'unchanged' }))).toContain('may still be signed in')
    expect(text(aSignedOutPage({ elsewhere: 'ended' }))).toContain('on every device')
  })
})

test('a theme the tenant forces is in the document before any script or style', () => {
  const html = render(aSignInPage(), { nonce: 'n', locale: 'en', theme: 'dark' })
  expect(html).toContain('data-theme="dark"')
  expect(html).toContain('<meta name="color-scheme" content="dark"')
})

/** The attributes of the first such element that has these among them; names in lower case, as a browser reads them. */
function find(html: string, tag: string, wanted: Record<string, string>): Record<string, string> | undefined {
  return [...html.matchAll(new RegExp(`<${tag}\\b([^>]*)>`, 'g'))]
    .map(([, inside = '']) => Object.fromEntries([...inside.matchAll(/([\w-]+)="([^"]*)"/g)].map(readAttribute)))
    .find((attributes) => Object.entries(wanted).every(([name, value]) => attributes[name] === value))
}

function readAttribute([, name = '', value = '']: string[]): [string, string] {
  return [name.toLowerCase(), value]
}
