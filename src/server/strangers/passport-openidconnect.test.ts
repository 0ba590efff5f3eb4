import { createServer } from 'node:http'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import OpenIDConnectStrategy, { type Profile, type VerifyCallback } from 'passport-openidconnect'
import { afterEach, expect, it } from 'vitest'
import { aConfidentialClient, ORDERS_SECRET } from '../test/test-config.ts'
import { describeBothSchemes } from './test/both-schemes.ts'
import { freePort, type Listening, listen } from './test/listening.ts'
import { Person } from './test/person.ts'

const port = await freePort()
const origin = `http://localhost:${port}`
const orders = aConfidentialClient({ redirect_uris: [`${origin}/oauth2/redirect`] })

let running: Listening | undefined
afterEach(() => running?.close())

async function startApp(issuer: string): Promise<void> {
  const strategy = new OpenIDConnectStrategy(
    {
      issuer,
      authorizationURL: `${issuer}/authorize`,
      tokenURL: `${issuer}/token`,
      userInfoURL: `${issuer}/userinfo`,
      clientID: 'orders',
      clientSecret: ORDERS_SECRET,
      callbackURL: `${origin}/oauth2/redirect`,
      scope: ['profile'],
    },
    (_issuer: string, profile: Profile, done: VerifyCallback) => done(null, profile),
  )
  const authenticator = new passport.Passport()
  authenticator.use(strategy)
  authenticator.serializeUser((user, done) => done(null, user))
  authenticator.deserializeUser((user: Express.User, done) => done(null, user))
  const app = express()
  app.use(session({ secret: 'a secret for the cookie of this app', resave: false, saveUninitialized: false }))
  app.use(authenticator.session())
  app.get('/login', authenticator.authenticate('openidconnect'))
  app.get('/oauth2/redirect', authenticator.authenticate('openidconnect', { successReturnToOrRedirect: '/' }))
  app.get('/', (request, response) => void response.send(`hello ${(request.user as Profile | undefined)?.displayName}`))
  running = await listen(createServer(app), port)
}

describeBothSchemes('passport-openidconnect', [orders], (portal) => {
  it('signs in and reads the profile', async () => {
    await startApp(portal().issuer)
    expect((await new Person().visit(`${origin}/login`)).body).toBe('hello Ada Okafor')
  })
})
