import { afterEach, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfig, ORIGIN } from '../test/test-config.ts'

let app: TestApp
afterEach(() => app.close())

async function serving(compat: Record<string, unknown>) {
  app = await startTestApp({ config: aConfig({ tenant: { compat } }) })
  return (method: 'GET' | 'POST', url: string) =>
    app.server.inject({ method, url, headers: { host: new URL(ORIGIN).host } })
}

describe('a system', () => {
  test('that the tenant doesn’t name has no routes: its addresses are 404 like any other', async () => {
    const send = await serving({})
    const unknown = await send('POST', '/demo/nowhere')
    const off = await send('POST', '/demo/oauth/token')
    expect(off.statusCode).toBe(404)
    expect({ ...off.json(), request_id: '' }).toEqual({ ...unknown.json(), request_id: '' })
  })

  test('that is named answers in its own envelope', async () => {
    const send = await serving({ ordercloud: {} })
    expect((await send('GET', '/demo/oauth/nowhere')).json()).toMatchObject({ Errors: [{ ErrorCode: 'NotFound' }] })
    expect((await send('GET', '/demo/nowhere')).json()).toMatchObject({ code: 'not-found' })
  })
})
