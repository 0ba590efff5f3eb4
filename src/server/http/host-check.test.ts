import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signedIn } from '../test/flows.ts'
import { visitSignIn } from '../test/portal-steps.ts'
import { listen, openRawConnection } from '../test/raw-connection.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfig, ISSUER, ORIGIN } from '../test/test-config.ts'

const DISCOVERY = '/demo/.well-known/openid-configuration'
const FORWARDED = {
  forwarded: 'for=203.0.113.9;host=evil.test;proto=https',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-host': 'evil.test',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '4443',
  'x-forwarded-prefix': '/evil',
  'x-original-url': '/evil',
  'x-real-ip': '203.0.113.9',
  'x-request-id': 'chosen by a stranger',
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

function get(url: string, headers: Record<string, string>) {
  return app.server.inject({ method: 'GET', url, headers })
}

describe('a request for another host', () => {
  const others = [
    'evil.test',
    'localhost',
    'localhost:3001',
    'localhost:3000.evil.test',
    'evil.test:3000',
    '127.0.0.1:3000',
    'localhost:3000, evil.test',
    'localhost:3000@evil.test',
    ' ',
  ]

  test.each(others)('%j ends before anything is built from it', async (host) => {
    for (const url of [DISCOVERY, '/demo/authorize?client_id=catalog', '/', '/assets/x', '/nowhere']) {
      const response = await get(url, { host })
      expect(response.statusCode).toBe(421)
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
      expect(response.json()).toMatchObject({ code: 'wrong-host', detail: `This server answers for ${ORIGIN} only.` })
      expect(response.body).not.toContain('evil')
      expect(response.headers['set-cookie']).toBeUndefined()
    }
  })

  test.each(['POST', 'OPTIONS', 'PUT'] as const)('%s is refused too', async (method) => {
    const response = await app.server.inject({ method, url: '/demo/token', headers: { host: 'evil.test' } })
    expect(response.statusCode).toBe(421)
  })

  test('may ask whether the server is well: balancers know it by number', async () => {
    for (const url of ['/healthz', '/readyz']) expect((await get(url, { host: '10.0.0.5:3000' })).statusCode).toBe(200)
  })
})

describe('our own host', () => {
  test.each(['localhost:3000', 'LOCALHOST:3000'])('may be written %s', async (host) => {
    expect((await get(DISCOVERY, { host })).json()).toMatchObject({ issuer: ISSUER })
  })

  test('stands in every address, whatever forwarding headers say', async () => {
    const { body } = await get(DISCOVERY, { host: 'localhost:3000', ...FORWARDED })
    const addresses = Object.entries(JSON.parse(body)).filter(
      ([name]) => name === 'issuer' || /_(endpoint|uri)$/.test(name),
    )
    expect(addresses.length).toBeGreaterThan(5)
    for (const [, address] of addresses) expect(new URL(String(address)).origin).toBe(ORIGIN)
    expect(body).not.toContain('evil')
  })

  test('and so do redirects, cookies and the policy of a page', async () => {
    const browser = app.browser()
    const { state } = await visitSignIn(app, { browser })
    const page = await browser.get(state.action, FORWARDED)
    expect(JSON.stringify(page)).not.toMatch(/evil|4443/)
    const answer = await browser.get(`${ISSUER}/authorize?client_id=catalog`, FORWARDED)
    expect(String(answer.headers['set-cookie'] ?? '')).not.toContain('secure')
    expect(JSON.stringify(answer.headers)).not.toMatch(/evil|4443|https/)
  })

  test('is meant even when the request line names another (RFC 9112 section 3.2.2)', async () => {
    const listening = await startTestApp()
    const connection = await openRawConnection(await listen(listening))
    connection.send(`GET http://evil.test${DISCOVERY} HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n`)
    const answer = await connection.answer()
    await listening.close()
    expect(answer).not.toContain('http://evil.test')
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
  })
})

describe('where a request came from', () => {
  /** The address a sign-in was recorded under. */
  async function recordedIp(under: TestApp, headers: Record<string, string>): Promise<string | null | undefined> {
    const browser = under.browser()
    const { state } = await visitSignIn(under, { browser })
    await browser.postForm(state.action, { step: 'sign-in', username: 'ada', password: 'wrong' }, headers)
    const rows = await under.store.db.selectFrom('audit').select(['ip', 'event']).orderBy('at', 'desc').execute()
    return rows.find(({ event }) => event === 'sign-in.failed')?.ip
  }

  test('is the connection’s other end, whatever forwarding headers say', async () => {
    expect(await recordedIp(app, FORWARDED)).toBe('127.0.0.1')
    expect(app.log.join('')).not.toContain('203.0.113.9')
  })

  test('is what a configured proxy says, its own proxy’s word only', async () => {
    const behindProxy = await startTestApp({ config: aConfig({ file: { trusted_proxies: ['127.0.0.0/8'] } }) })
    expect(await recordedIp(behindProxy, { 'x-forwarded-for': '198.51.100.7' })).toBe('198.51.100.7')
    await behindProxy.store.db.deleteFrom('audit').execute()
    const spoofed = { 'x-forwarded-for': '10.9.9.9, 203.0.113.9' }
    expect(await recordedIp(behindProxy, spoofed)).toBe('203.0.113.9')
    await behindProxy.close()
  })

  test('is the connection’s other end when that is no configured proxy', async () => {
    const elsewhere = await startTestApp({ config: aConfig({ file: { trusted_proxies: ['192.0.2.1'] } }) })
    expect(await recordedIp(elsewhere, FORWARDED)).toBe('127.0.0.1')
    await elsewhere.close()
  })

  test('a trusted proxy may not choose the host, the scheme or the request’s id', async () => {
    const behindProxy = await startTestApp({ config: aConfig({ file: { trusted_proxies: ['127.0.0.1'] } }) })
    const headers = { host: 'localhost:3000', ...FORWARDED }
    const { body } = await behindProxy.server.inject({ url: DISCOVERY, headers })
    expect(body).not.toContain('evil')
    expect(JSON.parse(body).issuer).toBe(ISSUER)
    expect(behindProxy.log.join('')).not.toContain('chosen by a stranger')
    await behindProxy.close()
  })

  test('a step whose page ran out is recorded under the address it really came from', async () => {
    const behindProxy = await startTestApp({ config: aConfig({ file: { trusted_proxies: ['127.0.0.1'] } }) })
    const { state } = await visitSignIn(behindProxy)
    const fields = { step: 'sign-in', username: 'ada', password: 'wrong', sealed_request: state.sealedRequest }
    await behindProxy.browser().postForm(state.action, fields, { 'x-forwarded-for': '198.51.100.7' })
    const rows = await behindProxy.store.db
      .selectFrom('audit')
      .select('ip')
      .where('event', '=', 'sign-in.failed')
      .execute()
    expect(rows).toEqual([{ ip: '198.51.100.7' }])
    await behindProxy.close()
  })

  test('is known for grants as well', async () => {
    await signedIn(app)
    const redeemed = await app.store.db.selectFrom('audit').select('ip').where('event', '=', 'code.redeemed').execute()
    expect(redeemed.at(-1)?.ip).toBe('127.0.0.1')
  })
})
