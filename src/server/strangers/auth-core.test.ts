import { createServer } from 'node:http'
import { Auth, type AuthConfig } from '@auth/core'
import { afterEach, expect, it } from 'vitest'
import { aConfidentialClient, ORDERS_SECRET } from '../test/test-config.ts'
import { describeBothSchemes } from './test/both-schemes.ts'
import { freePort, type Listening, listen } from './test/listening.ts'
import { Person } from './test/person.ts'

const port = await freePort()
const origin = `http://localhost:${port}`
const orders = aConfidentialClient({ redirect_uris: [`${origin}/auth/callback/portico`] })

let running: Listening | undefined
afterEach(() => running?.close())

/** Auth.js speaks Request and Response; this is what its frameworks do around it. */
async function startApp(issuer: string): Promise<void> {
  const config: AuthConfig = {
    basePath: '/auth',
    trustHost: true,
    secret: 'a secret for the cookies of this app',
    providers: [
      { id: 'portico', name: 'Portico', type: 'oidc', issuer, clientId: 'orders', clientSecret: ORDERS_SECRET },
    ],
  }
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? await new Response(request as never).text() : undefined
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)])
    const asked = new Request(`${origin}${request.url}`, {
      method: request.method ?? 'GET',
      headers,
      ...(body && { body }),
    })
    const answer = await Auth(asked, config)
    response.writeHead(answer.status, [...answer.headers].flat())
    response.end(await answer.text())
  })
  running = await listen(server, port)
}

describeBothSchemes('@auth/core', [orders], (portal) => {
  it('signs in', async () => {
    await startApp(portal().issuer)
    const person = new Person()
    const { csrfToken } = JSON.parse((await person.visit(`${origin}/auth/csrf`)).body)
    await person.submit(`${origin}/auth/signin/portico`, { csrfToken, callbackUrl: `${origin}/auth/session` })
    expect(JSON.parse((await person.visit(`${origin}/auth/session`)).body)).toMatchObject({
      user: { name: 'Ada Okafor', email: 'ada@demo.test' },
    })
  })
})
