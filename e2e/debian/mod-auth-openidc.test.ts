import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeBothSchemes } from '../../src/server/strangers/test/both-schemes.ts'
import { Person } from '../../src/server/strangers/test/person.ts'
import { aConfidentialClient, ORDERS_SECRET } from '../../src/server/test/test-config.ts'
import { freePort } from '../shop.ts'
import { type Apache, startApache } from './apache.ts'
import { needPackages } from './packages.ts'

const port = await freePort()
const origin = `http://localhost:${port}`
const apacheClient = aConfidentialClient({
  client_id: 'apache',
  redirect_uris: [`${origin}/private/callback`],
  post_logout_redirect_uris: [`${origin}/`],
  backchannel_logout_uri: `${origin}/private/callback?logout=backchannel`,
})
/** Another app of the same person, whose sign-out ends everything. */
const home = 'http://localhost:3002/'
const orders = aConfidentialClient({ post_logout_redirect_uris: [home] })

beforeAll(() =>
  needPackages({
    apache2: '/usr/sbin/apache2',
    'libapache2-mod-auth-openidc': '/usr/lib/apache2/modules/mod_auth_openidc.so',
  }),
)

const isSignInPage = ({ pathname }: URL) => pathname.includes('/interaction/')

describeBothSchemes('mod_auth_openidc of Debian', [apacheClient, orders], (portal) => {
  let apache: Apache
  beforeAll(async () => {
    const { issuer, authority } = portal()
    apache = await startApache({ port, issuer, clientSecret: ORDERS_SECRET, authority })
  })
  afterAll(() => apache?.stop())

  test('guards a folder: signs in, says who it is, and signs out at the portal too', async () => {
    const person = new Person()
    const page = await person.visit(`${origin}/private/`)
    expect(page.body).toBe('members')
    expect(page.headers['x-name']).toBe('Ada Okafor')
    const out = `${origin}/private/callback?logout=${encodeURIComponent(`${origin}/`)}`
    expect((await person.visit(out)).body).toBe('everybody')
    expect(await person.open(`${origin}/private/`, isSignInPage)).toBeInstanceOf(URL)
  })

  test('ends its own session when the person signs out elsewhere (OpenID Connect Back-Channel Logout)', async () => {
    const person = new Person()
    expect((await person.visit(`${origin}/private/`)).body).toBe('members')
    const out = new URLSearchParams({ client_id: 'orders', post_logout_redirect_uri: home })
    await person.signIn(`${portal().issuer}/logout?${out}`, home)
    await expect.poll(() => person.open(`${origin}/private/`, isSignInPage), { timeout: 10_000 }).toBeInstanceOf(URL)
  })
})
