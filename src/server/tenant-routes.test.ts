import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageOf } from './test/portal-steps.ts'
import { startTestApp, type TestApp } from './test/test-app.ts'
import { aClient, aConfig } from './test/test-config.ts'

let app: TestApp
beforeAll(async () => {
  const homeless = aClient({ client_id: 'homeless', client_uri: undefined })
  const tenants = { demo: { clients: [homeless, aClient()] }, other: { clients: [homeless] } }
  app = await startTestApp({ config: aConfig({ file: { tenants } }) })
})
afterAll(() => app.close())

describe('a bookmark of the portal', () => {
  test.each(['/', '/demo', '/demo/'])('%s leads to the shop it belongs to', async (address) => {
    const response = await app.browser().open(address)
    expect(response.status).toBe(303)
    expect(response.location?.href).toBe('http://localhost:3001/')
  })

  test.each(['/other', '/other/'])('%s, which has no home, leads to a page that says so', async (address) => {
    const response = await app.browser().open(address)
    expect(response.status).toBe(404)
    expect(pageOf(response, 'problem')).toMatchObject({ problem: 'page-not-found' })
  })
})

test('each tenant is an issuer of its own, with its own keys', async () => {
  const read = async (tenant: string, path: string) => JSON.parse((await app.browser().get(`/${tenant}${path}`)).body)
  for (const tenant of ['demo', 'other']) {
    expect(await read(tenant, '/.well-known/openid-configuration')).toMatchObject({
      issuer: `http://localhost:3000/${tenant}`,
      jwks_uri: `http://localhost:3000/${tenant}/jwks`,
    })
  }
  const kids = async (tenant: string) => (await read(tenant, '/jwks')).keys.map(({ kid }: { kid: string }) => kid)
  const [demo, other] = [await kids('demo'), await kids('other')]
  expect(new Set([...demo, ...other]).size).toBe(demo.length + other.length)
})
