import { createServer } from 'node:http'
import express from 'express'
import { auth, type ConfigParams, requiresAuth } from 'express-openid-connect'
import { afterEach, expect, it } from 'vitest'
import { aConfidentialClient, anImplicitClient, ORDERS_SECRET } from '../test/test-config.ts'
import { describeBothSchemes } from './test/both-schemes.ts'
import { freePort, type Listening, listen } from './test/listening.ts'
import { Person } from './test/person.ts'

const port = await freePort()
const baseURL = `http://localhost:${port}`
/** What it expects unless told otherwise, and what our clients get unless told otherwise. */
const rs256 = { id_token_signed_response_alg: 'RS256' }
const addresses = { ...rs256, redirect_uris: [`${baseURL}/callback`], post_logout_redirect_uris: [baseURL] }
const orders = aConfidentialClient({ ...addresses, backchannel_logout_uri: `${baseURL}/backchannel-logout` })
const pages = anImplicitClient({ client_id: 'pages', response_types: ['id_token'], ...addresses })

let running: Listening | undefined
afterEach(() => running?.close())

async function startApp(config: ConfigParams): Promise<void> {
  const app = express()
  app.use(auth({ baseURL, secret: 'a long secret for the cookie of this app', authRequired: false, ...config }))
  app.get('/', (_request, response) => void response.send('everybody'))
  app.get('/profile', requiresAuth(), (request, response) => void response.send(`hello ${request.oidc.user?.name}`))
  running = await listen(createServer(app), port)
}

describeBothSchemes('express-openid-connect', [orders, pages], (portal) => {
  it('signs in with the code flow, and out at the portal too', async () => {
    await startApp({
      issuerBaseURL: portal().issuer,
      clientID: 'orders',
      clientSecret: ORDERS_SECRET,
      authorizationParams: { response_type: 'code', scope: 'openid profile' },
      idpLogout: true,
    })
    const person = new Person()
    expect((await person.visit(`${baseURL}/profile`)).body).toBe('hello Ada Okafor')
    expect((await person.visit(`${baseURL}/logout`)).body).toBe('everybody')
    const again = await person.open(`${baseURL}/profile`, ({ pathname }) => pathname.includes('/interaction/'))
    expect(again).toBeInstanceOf(URL)
  })

  it('hears from the portal that its person has signed out there (Back-Channel Logout 1.0)', async () => {
    const loggedOut = new Map<string, unknown>()
    const store = {
      get: (id: string, done: (error: unknown, entry?: unknown) => void) => done(null, loggedOut.get(id)),
      set: (id: string, entry: unknown, done: (error: unknown) => void) => done(loggedOut.set(id, entry) && null),
      destroy: (id: string, done: (error: unknown) => void) => done(loggedOut.delete(id) && null),
    }
    await startApp({
      issuerBaseURL: portal().issuer,
      clientID: 'orders',
      clientSecret: ORDERS_SECRET,
      authorizationParams: { response_type: 'code', scope: 'openid profile' },
      backchannelLogout: { store: store as never },
    })
    const person = new Person()
    expect((await person.visit(`${baseURL}/profile`)).body).toBe('hello Ada Okafor')
    await person.open(`${portal().issuer}/logout`, ({ pathname }) => pathname.endsWith('/logout/success'))
    await expect.poll(() => loggedOut.size).toBeGreaterThan(0)
    const again = await person.open(`${baseURL}/profile`, ({ pathname }) => pathname.includes('/interaction/'))
    expect(again).toBeInstanceOf(URL)
  })

  it('signs in as it does out of the box: an ID token, posted to it', async () => {
    await startApp({ issuerBaseURL: portal().issuer, clientID: 'pages' })
    expect((await new Person().visit(`${baseURL}/profile`)).body).toBe('hello Ada Okafor')
  })
})
