import { describe, expect, test } from 'vitest'
import { StartError } from '../start-error.ts'
import type { Environment } from './environment.ts'
import { parseConfig } from './load-config.ts'
import { aClient, aConfigFile, anEnvironment, aPerson, aSecret, aTenant, aWebhook } from './test/builders.ts'

function parse(file: unknown, env: Environment = anEnvironment) {
  return parseConfig(file, env)
}

/** The lines of the refusal, without its heading. */
function problemsIn(file: unknown, env?: Environment): string[] {
  try {
    parse(file, env)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(StartError)
    return (error as StartError).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}

const problemsOfTenant = (overrides: Record<string, unknown>) =>
  problemsIn(aConfigFile({ tenants: { demo: aTenant(overrides) } }))
const problemsOfClient = (overrides: Record<string, unknown>) => problemsOfTenant({ clients: [aClient(overrides)] })
const problemsOfPerson = (overrides: Record<string, unknown>) => problemsOfTenant({ users: [aPerson(overrides)] })

describe('a short file', () => {
  test('is filled with defaults', () => {
    const config = parse(aConfigFile())
    expect(config).toMatchObject({
      database: 'sqlite:data/portico.db',
      host: '127.0.0.1',
      port: 3000,
      secrets: [aSecret],
    })
    const tenant = config.tenants.demo
    expect(tenant).toMatchObject({
      audience: 'http://localhost:3000/demo',
      session: { idle_ttl: 1_209_600, absolute_ttl: 7_776_000 },
      lockout: { failures: 10, seconds: 120 },
      registration: 'closed',
      locales: ['en'],
    })
    expect(tenant?.clients[0]).toMatchObject({
      client_name: 'catalog',
      active: true,
      consent: 'once',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      refresh_token_rotation: 'rotate',
      refresh_grace: 30,
      access_token_ttl: 600,
      id_token_signed_response_alg: 'RS256',
    })
    expect(tenant?.users[0]).toMatchObject({ email_verified: false, roles: [], guest_template: false })
  })

  test('without a secret in the environment is refused: there is no default', () => {
    expect(problemsIn(aConfigFile(), {})).toEqual([
      'PORTICO_SECRET: is missing: make one with "openssl rand -base64 32", and keep it',
    ])
  })
})

describe('every kind of client of a real shop', () => {
  const clients = [
    aClient({
      client_uri: 'http://localhost:3001/',
      post_logout_redirect_uris: ['http://localhost:3001/'],
      allowed_origins: ['http://localhost:3001'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:portico:grant-type:guest'],
      guest: { template_user: 'visitor', access_token_ttl: 3600, refresh_token_ttl: 2_592_000 },
    }),
    aClient({ client_id: 'orders', client_secret: aSecret, consent: 'skip' }),
    {
      client_id: 'legacy',
      grant_types: ['implicit'],
      response_types: ['token', 'token id_token'],
      redirect_uris: ['http://localhost:3003/'],
    },
    { client_id: 'mobile', grant_types: ['password', 'refresh_token'] },
    { client_id: 'reports', client_secret: aSecret, grant_types: ['client_credentials'] },
    {
      client_id: 'community',
      client_secret: aSecret,
      grant_types: ['urn:portico:grant-type:member'],
      mint: { email: true },
    },
  ]
  const users = [
    aPerson({
      email: 'ada@demo.test',
      email_verified: true,
      name: 'Ada',
      roles: ['Shopper'],
      member_id: 1001,
      sso_id: 'acme|ada',
      legal_entities: [],
    }),
    { username: 'visitor', guest_template: true },
  ]
  const config = () =>
    parse(aConfigFile({ tenants: { demo: aTenant({ clients, users, roles: ['Shopper', 'MeAdmin'] }) } }))

  test('is accepted', () => {
    expect(config().tenants.demo?.clients.map((client) => client.client_id)).toHaveLength(6)
  })

  test('response types follow from the grants, and their words from the standard order', () => {
    const types = config().tenants.demo?.clients.map((client) => client.response_types)
    expect(types).toEqual([['code'], ['code'], ['token', 'id_token token'], [], [], []])
  })
})

test('an unknown key is refused with its path, at every depth', () => {
  const file = aConfigFile({
    orign: 'x',
    limits: { speed: 1 },
    tenants: {
      demo: aTenant({ nam: 'x', clients: [aClient({ redirect_uri: 'x' })], users: [aPerson({ pasword: 'x' })] }),
    },
  })
  expect(problemsIn(file).toSorted()).toEqual([
    'limits.speed: is not a known key',
    'orign: is not a known key',
    'tenants.demo.clients[0].redirect_uri: is not a known key',
    'tenants.demo.nam: is not a known key',
    'tenants.demo.users[0].pasword: is not a known key',
  ])
})

test('all problems are told at once, the environment’s too', () => {
  const file = aConfigFile({
    database: 3,
    tenants: { demo: aTenant({ clients: [aClient(), aClient(), aClient({ client_id: '' })], registration: 'open' }) },
  })
  expect(problemsIn(file, { PORT: 'http' })).toEqual([
    'database: must be a string',
    'tenants.demo.clients[2].client_id: must be 1 to 100 printable ASCII characters without spaces',
    'tenants.demo.clients[1].client_id: is used twice',
    'tenants.demo.registration: Creating accounts on the portal is not available yet: remove this key',
    'PORTICO_SECRET: is missing: make one with "openssl rand -base64 32", and keep it',
    'PORT: must be a number from 0 to 65535',
  ])
})

test.each([[null], [[]], ['text'], [undefined]])('%j is no configuration', (file) => {
  expect(problemsIn(file)).toEqual([expect.stringMatching(/^\(the whole file\): (must be an object|is missing)$/)])
})

describe('an address people are sent to', () => {
  test.each([
    'https://shop.example/callback?from=portal',
    'http://localhost:3001/callback',
    'http://shop.localhost/callback',
    'http://127.0.0.1:8080/',
    'http://[::1]:8080/',
  ])('may be %s', (address) => {
    expect(problemsOfClient({ redirect_uris: [address], post_logout_redirect_uris: [address] })).toEqual([])
  })

  test.each([
    ['http://shop.example/callback', /must be an https address/],
    ['http://localhost.evil.test/callback', /must be an https address/],
    ['http://notlocalhost/callback', /must be an https address/],
    ['http://127.0.0.2/callback', /must be an https address/],
    ['com.example.app:/callback', /must be an https address/],
    ['javascript:alert(1)', /must be an https address/],
    ['https://shop.example/callback#part', /must not have a fragment/],
    ['https://shop.example/callback#', /must not have a fragment/],
    ['https://*.shop.example/callback', /must not contain a wildcard/],
    ['https://user@shop.example/callback', /must not contain a user name/],
    ['https://shop.example/a b', /must be a whole address/],
    ['/callback', /must be a whole address/],
  ])('may not be %s (RFC 9700 section 2.1)', (address, reason) => {
    const told = problemsOfClient({ backchannel_logout_uri: address })
    expect(told).toEqual([expect.stringMatching(/^tenants\.demo\.clients\[0\]\.backchannel_logout_uri: /)])
    for (const key of ['redirect_uris', 'post_logout_redirect_uris']) {
      expect(problemsOfClient({ [key]: [address] })).toEqual([expect.stringMatching(reason)])
      expect(problemsOfClient({ [key]: [address] })[0]).toContain(`tenants.demo.clients[0].${key}[0]`)
    }
  })
})

test.each(['http://localhost:3001/', 'https://SHOP.example', 'https://shop.example:443', 'null', '*'])(
  'an allowed origin may not be %s, which no browser sends',
  (origin) => {
    expect(problemsOfClient({ allowed_origins: [origin] })).toHaveLength(1)
  },
)

test.each(['http://portal.example', 'https://portal.example/path'])(
  'the portal itself may not live at %s',
  (origin) => {
    expect(problemsIn(aConfigFile({ origin }))).toEqual([expect.stringMatching(/^origin: /)])
  },
)

describe('a client secret', () => {
  test.each(['a'.repeat(64), 'tooshort', '0123456789abcdef0123456789abcde', 'changemechangemechangeme'])(
    'of fewer than 128 bits is refused: %s',
    (client_secret) => {
      const [problem] = problemsOfClient({ client_secret })
      expect(problem).toMatch(/^tenants\.demo\.clients\[0\]\.client_secret: (is too short|repeats a few characters)/)
      expect(problem).not.toContain(client_secret)
      expect(problemsOfClient({ client_secrets: [{ value: client_secret }] })).toHaveLength(1)
    },
  )

  test.each(['0123456789abcdef0123456789abcdef', 'mJ8vQ2xLr0TzWc5bNk7yHd'])(
    'of 128 bits is accepted: %s',
    (client_secret) => {
      expect(problemsOfClient({ client_secret })).toEqual([])
    },
  )

  test('may have an end, so that two are valid during a change', () => {
    expect(problemsOfClient({ client_secrets: [{ value: aSecret, expires_at: '2026-12-01T00:00:00Z' }] })).toEqual([])
    expect(problemsOfClient({ client_secrets: [{ value: aSecret, expires_at: 'tomorrow' }] })).toHaveLength(1)
  })
})

test('an audience that is no address is refused, for no sign-in could name it (RFC 8707)', () => {
  expect(problemsOfTenant({ audience: 'our api' })).toEqual([expect.stringMatching(/^tenants\.demo\.audience: .*URI/)])
  expect(problemsOfTenant({ audience: 'https://api.demo.test/#part' })).toHaveLength(1)
  expect(problemsOfTenant({ audience: 'urn:demo:api' })).toEqual([])
})

test('a client secret that Basic could not carry is refused', () => {
  expect(problemsOfClient({ client_secret: 'gr\u00fc\u00dfe-9f8e7d6c5b4a39281706f5e4d3c2b1a0' })).toEqual([
    expect.stringMatching(/ASCII/),
  ])
})

describe('a client', () => {
  test.each([
    [{ grant_types: ['client_credentials'] }, /grant_types: client_credentials needs a client_secret/],
    [{ grant_types: ['urn:portico:grant-type:member'] }, /grant_types: the member grant needs a client_secret/],
    [{ redirect_uris: [] }, /redirect_uris: needs at least one address/],
    [{ response_types: ['code', 'token'] }, /response_types: "token" needs the grant type implicit/],
    [
      { grant_types: ['implicit'], redirect_uris: ['https://app.test/'], dpop_bound_access_tokens: true },
      /dpop_bound_access_tokens: tokens of the implicit flow/,
    ],
    [
      { grant_types: ['implicit'], response_types: ['code'] },
      /response_types: "code" needs the grant type authorization_code/,
    ],
    [{ min_roles: ['Shopper'], max_roles: [] }, /min_roles: "Shopper" is not among max_roles/],
    [{ max_roles: ['portico:admin'] }, /max_roles: "portico:admin" needs the grant type client_credentials/],
    [{ min_roles: ['portico:admin'] }, /min_roles\[0\]: is not among the tenant's roles/],
    [{ client_credentials_refresh: true }, /client_credentials_refresh: needs the grant types client_credentials/],
    [{ mint: { per_minute: 0 } }, /mint\.per_minute: /],
    [{ max_roles: ['Unknown'] }, /max_roles\[0\]: is not among the tenant's roles/],
    [{ guest: { template_user: 'ada' } }, /guest\.template_user: names no user with "guest_template": true/],
    [{ grant_types: ['device_code'] }, /grant_types\[0\]: must be one of "authorization_code"/],
    [{ access_token_ttl: 0 }, /access_token_ttl: /],
  ])('%j is refused', (overrides, reason) => {
    const clients = [aClient(overrides)]
    expect(problemsOfTenant({ clients, roles: ['Shopper'] })).toEqual([expect.stringMatching(reason)])
  })
})

describe('people', () => {
  test.each([
    ['the same username', aPerson({ username: ' ADA ' })],
    ["somebody's address as username", aPerson({ username: 'Ada@Demo.test' })],
    ['the same address', aPerson({ username: 'other', email: 'ADA@demo.test' })],
    ['the same member id', aPerson({ username: 'other', member_id: 1 })],
    ['the same sso id', aPerson({ username: 'other', sso_id: 'acme|1' })],
  ])('cannot have %s', (_what, second) => {
    const first = aPerson({ email: 'ada@demo.test', member_id: 1, sso_id: 'acme|1' })
    expect(problemsOfTenant({ users: [first, second] })).toEqual([
      expect.stringMatching(/^tenants\.demo\.users\[1\]\./),
    ])
  })

  test('may use their own address as username', () => {
    expect(problemsOfPerson({ username: 'ada@demo.test', email: 'ada@demo.test' })).toEqual([])
  })

  test.each([
    [{ roles: ['Unknown'] }, /roles\[0\]: is not among the tenant's roles/],
    [{ password_hash: '$2b$12$tooshort', password: undefined }, /password_hash: is no hash this server can check/],
    [{ password_hash: `$2b$12$${'a'.repeat(53)}` }, /password_hash: and password exclude each other/],
    [{ guest_template: true }, /guest_template: a guest template never signs in/],
    [{ username: 'a\nb' }, /username: must not contain control characters/],
    [{ username: '  ' }, /username: must not be empty/],
    [{ email: 'nobody' }, /email: /],
  ])('%j is refused', (overrides, reason) => {
    expect(problemsOfPerson(overrides)).toEqual([expect.stringMatching(reason)])
  })
})

describe('webhooks', () => {
  test('are accepted, also on this machine', () => {
    const webhooks = [aWebhook(), aWebhook({ url: 'http://localhost:3001/events?shop=1' })]
    expect(parse(aConfigFile({ tenants: { demo: aTenant({ webhooks }) } })).tenants.demo?.webhooks).toEqual(webhooks)
  })

  test.each([
    [{ url: 'http://shop.example/events' }, /webhooks\[0\]\.url: must be an https address/],
    [{ events: [] }, /webhooks\[0\]\.events: /],
    [{ events: ['guest.left'] }, /webhooks\[0\]\.events\[0\]: must be one of "guest\.upgraded"/],
    [{ secret: aSecret }, /webhooks\[0\]\.secret: must be whsec_/],
    [{ secret: 'whsec_c2hvcnQ=' }, /webhooks\[0\]\.secret: must be whsec_/],
    [{ secret: `whsec_${aSecret}=` }, /webhooks\[0\]\.secret: must be whsec_/],
    [{ secret: `whsec_${aSecret.repeat(3)}` }, /webhooks\[0\]\.secret: must be whsec_/],
  ])('%j is refused', (overrides, reason) => {
    expect(problemsOfTenant({ webhooks: [aWebhook(overrides)] })).toEqual([expect.stringMatching(reason)])
  })

  test('cannot have the same address twice: each has one secret', () => {
    expect(problemsOfTenant({ webhooks: [aWebhook(), aWebhook()] })).toEqual([
      'tenants.demo.webhooks[1].url: is used twice',
    ])
  })
})

test.each([
  'customer',
  'customerlogin',
  'assets',
  'healthz',
  'readyz',
  'metrics',
  'public',
  'ab',
  '1shop',
  'Shop',
  'my-shop',
  'x'.repeat(17),
])('a tenant cannot be called %s', (id) => {
  expect(problemsIn(aConfigFile({ tenants: { [id]: aTenant() } }))).toEqual([
    expect.stringContaining(`tenants.${id}: `),
  ])
})

test('a role cannot take the name of a standard scope', () => {
  expect(problemsOfTenant({ roles: ['openid'] })).toEqual(['tenants.demo.roles[0]: is the name of a standard scope'])
})

describe('a mail server', () => {
  const mailOf = (mail: object) =>
    aConfigFile({ mail: { smtp: 'smtp://localhost:2525', from: 'a@demo.test', ...mail } })

  test.each(['shop@demo.test', 'Demo Store <shop@demo.test>', '<shop@demo.test>'])(
    'sends from the address in %j',
    (from) => {
      expect(parse(mailOf({ from })).mail).toEqual({ smtp: 'smtp://localhost:2525', from: 'shop@demo.test' })
    },
  )

  test.each([
    [{ from: 'Demo Store' }, /^mail\.from: must be an address such as shop@example\.com$/],
    [{ from: 'a@demo.test\r\nBcc: b@demo.test' }, /^mail\.from: must be an address/],
    [{ smtp: 'localhost:25' }, /^mail\.smtp: must be smtp:\/\/host:port/],
    [{ smtp: 'https://mail.demo.test' }, /^mail\.smtp: must be smtp:\/\/host:port/],
    [{ smtp: undefined }, /^mail\.smtp: /],
  ])('%j is refused', (mail, problem) => {
    expect(problemsIn(mailOf(mail))).toEqual([expect.stringMatching(problem)])
  })
})

describe('older APIs', () => {
  const shop = {
    roles: [],
    clients: [
      { client_id: 'mobile', grant_types: ['password'] },
      { client_id: 'reports', client_secret: aSecret, grant_types: ['client_credentials'] },
      { client_id: 'staff', client_secret: aSecret, grant_types: ['password', 'urn:portico:grant-type:member'] },
    ],
    users: [aPerson()],
  }

  test('take settings for each of their clients', () => {
    const compat = {
      ordercloud: { clients: { mobile: {}, reports: { default_context_user: 'ada', user_type: 'admin' } } },
    }
    expect(parse(aConfigFile({ tenants: { demo: aTenant({ ...shop, compat }) } })).tenants.demo?.compat).toEqual({
      ordercloud: {
        clients: {
          mobile: { anonymous_token_ttl: 604_800, user_type: 'buyer' },
          reports: { anonymous_token_ttl: 604_800, user_type: 'admin', default_context_user: 'ada' },
        },
      },
    })
  })

  test.each([
    [{ ordercloud: { clients: { nobody: {} } } }, 'ordercloud.clients.nobody: names no client'],
    [
      { ordercloud: { clients: { reports: { default_context_user: 'nobody' } } } },
      'ordercloud.clients.reports.default_context_user: names no user',
    ],
    [
      { ordercloud: { clients: { mobile: { default_context_user: 'ada' } } } },
      'ordercloud.clients.mobile: names a client without the grant type client_credentials',
    ],
    [
      { ordercloud: { clients: { mobile: { anonymous_token_ttl: 5_184_001 } } } },
      'ordercloud.clients.mobile.anonymous_token_ttl: Too big: expected number to be <=5184000',
    ],
    [
      { circle: { client_id: 'mobile' } },
      'circle.client_id: names a client without the grant type urn:portico:grant-type:member',
    ],
    [
      { geolens: { client_id: 'staff' } },
      'geolens.client_id: names a client with a secret, which no app of theirs sends',
    ],
    [{ emporix: { signup: { roles: ['Owner'] } } }, "emporix.signup.roles[0]: is not among the tenant's roles"],
  ])('refuse a setting that leads nowhere: %j', (compat, problem) => {
    expect(problemsOfTenant({ ...shop, community_id: 7, compat })).toEqual([`tenants.demo.compat.${problem}`])
  })

  test('as Circle need the number of the community', () => {
    expect(problemsOfTenant({ ...shop, compat: { circle: { client_id: 'staff' } } })).toEqual([
      'tenants.demo.community_id: is needed to answer as Circle: its tokens name it',
    ])
  })
})

describe('a feature that comes later', () => {
  test.each([
    ['tenants.demo.registration', aConfigFile({ tenants: { demo: aTenant({ registration: 'open' }) } })],
    ['tenants.demo.locales[1]', aConfigFile({ tenants: { demo: aTenant({ locales: ['en', 'de'] }) } })],
    [
      'tenants.demo.clients[0].logo_uri',
      aConfigFile({
        tenants: { demo: aTenant({ clients: [aClient({ logo_uri: 'https://shop.example/logo.png' })] }) },
      }),
    ],
  ])('is refused rather than ignored: %s', (path, file) => {
    expect(problemsIn(file)).toEqual([expect.stringMatching(/: .* is not available yet: remove this key$/)])
    expect(problemsIn(file)[0]).toContain(`${path}: `)
  })

  test('may be named where it is not used', () => {
    expect(problemsOfTenant({ registration: 'closed', upstream: [], compat: {}, theme: {} })).toEqual([])
  })
})

describe('a provider to sign in through', () => {
  const anUpstream = (overrides: Record<string, unknown> = {}) => ({
    name: 'acme',
    issuer: 'https://id.acme.example',
    client_id: 'portico',
    ...overrides,
  })
  const problemsWith = (...upstream: unknown[]) => problemsOfTenant({ roles: ['Shopper'], upstream })

  test('needs a name, an issuer and a client', () => {
    expect(problemsWith(anUpstream())).toEqual([])
    expect(problemsWith({})).toEqual([
      'tenants.demo.upstream[0].name: is missing',
      'tenants.demo.upstream[0].issuer: is missing',
      'tenants.demo.upstream[0].client_id: is missing',
    ])
  })

  test.each<[string, unknown]>([
    ['name', 'Acme'],
    ['name', 'a--b'],
    ['name', 'acme-'],
    ['label', ' '],
    ['label', 'a\u202eb\u0007'],
    ['issuer', 'http://id.acme.example'],
    ['discovery_uri', 'acme'],
    ['scope', 'email'],
    ['match', 'name'],
    ['token_endpoint_auth_method', 'private_key_jwt'],
    ['id_token_signed_response_alg', 'none'],
    ['id_token_signed_response_alg', 'HS256'],
    ['response_mode', 'fragment'],
    ['client_secrets', []],
  ])('is refused for its %s: %j', (key, value) => {
    expect(problemsWith(anUpstream({ [key]: value }))).toEqual([
      expect.stringMatching(`^tenants\\.demo\\.upstream\\[0\\]\\.${key}: `),
    ])
  })

  const anExchange = (overrides: Record<string, unknown> = {}) => ({
    name: 'acme',
    flow: 'exchange',
    issuer: 'https://id.acme.example',
    audience: 'https://api.acme.example',
    ...overrides,
  })

  test('whose tokens are exchanged needs their audience, and has nothing of the code flow', () => {
    expect(problemsWith(anExchange())).toEqual([])
    expect(problemsWith(anExchange({ audience: undefined, client_id: 'portico' }))).toEqual([
      'tenants.demo.upstream[0].audience: is missing',
      'tenants.demo.upstream[0].client_id: is not a known key',
    ])
    expect(problemsWith(anUpstream({ audience: 'x' }))).toEqual([
      'tenants.demo.upstream[0].audience: is not a known key',
    ])
    expect(problemsWith(anUpstream({ flow: 'both' }))).toEqual([expect.stringContaining('upstream[0].flow: ')])
  })

  test('is for codes or for exchange, not for both under two names', () => {
    expect(problemsWith(anUpstream(), anExchange({ name: 'acme-tokens' }))).toEqual([
      'tenants.demo.upstream[1].flow: must be "code": this issuer is used that way already',
    ])
    const elsewhere = { name: 'other', issuer: 'https://id.other.example' }
    expect(problemsWith(anUpstream(), anExchange(elsewhere), anUpstream({ name: 'again' }))).toEqual([])
  })

  test.each(['state', 'nonce', 'redirect_uri', 'code_challenge', 'guest_session', 'a b'])(
    'may not be told %s by the operator or an app',
    (name) => {
      expect(problemsWith(anUpstream({ authorization_parameters: { [name]: 'x' } }))).toHaveLength(1)
      expect(problemsWith(anUpstream({ forwarded_parameters: [name] }))).toHaveLength(1)
    },
  )

  test('is named once, and gives only roles there are', () => {
    expect(problemsWith(anUpstream(), anUpstream({ roles: ['Shopper', 'Queen'] }))).toEqual([
      'tenants.demo.upstream[1].name: is used twice',
      "tenants.demo.upstream[1].roles[1]: is not among the tenant's roles",
    ])
  })
})

describe('the environment', () => {
  test('overrides the file', () => {
    const env = {
      PORTICO_SECRET: `${aSecret}1, ${aSecret}2`,
      PORT: '8080',
      HOST: '0.0.0.0',
      PORTICO_ORIGIN: 'https://id.shop.example',
      DATABASE_URL: 'postgres://portico@db/portico',
    }
    expect(parse(aConfigFile(), env)).toMatchObject({
      origin: 'https://id.shop.example',
      database: 'postgres://portico@db/portico',
      host: '0.0.0.0',
      port: 8080,
      secrets: [`${aSecret}1`, `${aSecret}2`],
    })
  })

  test('is named when what it says is wrong', () => {
    const env = { PORTICO_SECRET: `${aSecret},short`, HOST: 'a b', PORTICO_ORIGIN: 'http://shop.example' }
    const names = problemsIn(aConfigFile(), env).map((line) => line.split(':')[0])
    expect(names).toEqual(['PORTICO_ORIGIN', 'PORTICO_SECRET', 'HOST'])
  })

  test('of a port says where to listen when nothing else does', () => {
    expect(parse(aConfigFile({ origin: 'http://localhost:4000' })).port).toBe(4000)
    expect(parse(aConfigFile({ origin: 'https://id.shop.example' })).port).toBe(3000)
  })
})
