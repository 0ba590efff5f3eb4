import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../events/test/receiver.ts'
import { type MailServer, readPart, startMailServer } from '../mail/test/mail-server.ts'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { basicAuth, signedIn } from '../test/flows.ts'
import { signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { ADA, APP_ORIGIN, aClient, aConfidentialClient, aConfig, BEN } from '../test/test-config.ts'

const accepted = { status: 202, body: { expires_in: 600 } }
const CODE = /^ {4}((?:[B-DF-HJ-NP-TV-XZ]{4}-){3}[B-DF-HJ-NP-TV-XZ]{4})$/m

const clients = [
  aClient(),
  aClient({ client_id: 'other', client_name: 'Other', redirect_uris: ['http://localhost:3004/callback'] }),
  aConfidentialClient(),
  { client_id: 'kiosk', grant_types: ['urn:portico:grant-type:guest'], guest: { template_user: 'visitor' } },
]
const users = [
  { ...ADA, email: 'ada@demo.test' },
  { ...BEN, email: 'ben@demo.test' },
  { username: 'carla', password: 'three patient harbours' },
  { username: 'visitor', email: 'visitor@demo.test', guest_template: true },
]

let mailServer: MailServer
beforeAll(async () => {
  mailServer = await startMailServer()
})
afterAll(() => mailServer.close())

function configOf(limits: object = {}) {
  const mail = { smtp: mailServer.url, from: 'shop@demo.test' }
  return aConfig({ file: { mail, limits }, tenant: { clients, users } })
}

async function ask(
  app: TestApp,
  fields: Record<string, unknown>,
  {
    as = 'form',
    ip = '127.0.0.1',
    headers = {},
  }: { as?: 'form' | 'json'; ip?: string; headers?: Record<string, string> } = {},
) {
  const isForm = as === 'form'
  const asked = { client_id: 'catalog', ...fields }
  const response = await app.server.inject({
    method: 'POST',
    url: '/demo/one-time-password',
    remoteAddress: ip,
    headers: {
      host: 'localhost:3000',
      'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
      ...headers,
    },
    payload: isForm ? new URLSearchParams(asked as Record<string, string>).toString() : JSON.stringify(asked),
  })
  return { status: response.statusCode, headers: response.headers, body: response.json() }
}

describeStores((openTestStore) => {
  let store: Store
  let app: TestApp
  beforeAll(async () => {
    store = await openTestStore()
    app = await startTestApp({ store, config: configOf() })
  })
  afterAll(() => app.close())
  beforeEach(() => store.db.deleteFrom('throttles').execute())
  afterEach(async () => {
    await settled()
    await store.db.deleteFrom('outbox').execute()
    await store.db.updateTable('users').set({ disabled_at: null }).execute()
    mailServer.received.length = 0
    mailServer.refuse(undefined)
    mailServer.greetAfter(0)
  })

  /** Until nothing is queued any more: what was mailed by then is all there is. */
  async function settled() {
    await until(async () => {
      const left = await store.db.selectFrom('outbox').select('id').where('delivered_at', 'is', null).execute()
      return left.length === 0
    })
    return mailServer.received
  }

  async function mailedCode(fields: Record<string, unknown> = { username: 'ada' }): Promise<string> {
    expect(await ask(app, fields)).toMatchObject(accepted)
    const mail = (await settled()).at(-1)
    const [, code] = CODE.exec(mail ? readPart(mail, 'text/plain') : '') ?? []
    if (code === undefined) throw new Error('no code was mailed')
    return code
  }

  async function tryAtPage(
    password: string,
    { username = 'ada', client = {} }: { username?: string; client?: Record<string, string> } = {},
  ) {
    const { browser, state } = await visitSignIn(app, { overrides: client })
    const { body } = await browser.postJson(state.action, signInStep({ username, password }))
    return JSON.parse(body).state?.error.code ?? 'signed in'
  }

  describe('a one-time password', () => {
    test('comes by mail in the shop’s name, to be typed and not to be clicked', async () => {
      const code = await mailedCode()
      const [mail] = mailServer.received
      if (!mail) throw new Error('nothing arrived')
      expect(mail).toMatchObject({ from: 'shop@demo.test', to: ['ada@demo.test'] })
      expect(mail.source).toMatch(/^From: Demo Store <shop@demo.test>\r?$/m)
      expect(mail.source).toMatch(/^Subject: Your one-time password for Demo Store\r?$/m)
      for (const type of ['text/plain', 'text/html'] as const) {
        const text = readPart(mail, type)
        expect(text).toContain(code)
        expect(text).toMatch(/Demo Store[\s\S]*Catalog[\s\S]*10 minutes/)
        expect(text).not.toMatch(/https?:|href|<img|<script/)
      }
    })

    test('signs in on the page, once, and the ID token says how (RFC 8176)', async () => {
      const password = await mailedCode()
      const { idToken } = await signedIn(app, { person: { username: 'ada', password } })
      expect(decodeJwt(idToken)).toMatchObject({ amr: ['otp'] })
      expect(await tryAtPage(password)).toBe('wrong-credentials')
    })

    test('is good for the app that asked for it alone', async () => {
      const password = await mailedCode({ username: 'ada', client_id: 'other' })
      expect(await tryAtPage(password)).toBe('wrong-credentials')
      const client = { client_id: 'other', redirect_uri: 'http://localhost:3004/callback' }
      expect(await tryAtPage(password, { client })).toBe('signed in')
    })

    test('ends when a newer one is asked for', async () => {
      const older = await mailedCode()
      const newer = await mailedCode()
      expect(await tryAtPage(older)).toBe('wrong-credentials')
      expect(await tryAtPage(newer)).toBe('signed in')
    })

    test('ends when the person signs in with the password', async () => {
      const code = await mailedCode()
      expect(await tryAtPage(ADA.password)).toBe('signed in')
      expect(await tryAtPage(code)).toBe('wrong-credentials')
    })

    test('lies nowhere readable: neither it, nor who it was asked for, nor in the log', async () => {
      await store.db.deleteFrom('audit').execute()
      const typed = 'a secret password typed where the name belongs'
      const code = await mailedCode()
      await ask(app, { username: typed })
      await settled()
      const [outbox, codes, throttles, audit] = await Promise.all([
        store.db.selectFrom('outbox').selectAll().execute(),
        store.db.selectFrom('one_time_passwords').selectAll().execute(),
        store.db.selectFrom('throttles').selectAll().execute(),
        store.db.selectFrom('audit').selectAll().execute(),
      ])
      const kept = JSON.stringify([outbox, codes, throttles, audit]) + app.log.join('')
      for (const secret of [code, code.replaceAll('-', ''), typed, 'ada@demo.test']) expect(kept).not.toContain(secret)
      expect(audit.map(({ event }) => event)).toEqual(['one-time-password.mailed'])
      expect(app.log.filter((line) => line.includes('one-time-password.asked'))).not.toEqual([])
    })
  })

  describe('it is asked for', () => {
    test.each([
      ['by username', { username: ' ADA ' }],
      ['by address', { email: 'Ada@Demo.Test' }],
      ['by an address typed as the username', { username: 'ada@demo.test' }],
      ['by both', { username: 'ada', email: 'ada@demo.test' }],
    ])('%s, as form or JSON', async (_how, fields) => {
      for (const as of ['form', 'json'] as const) expect(await ask(app, fields, { as })).toMatchObject(accepted)
      expect((await settled()).flatMap(({ to }) => to)).toEqual(['ada@demo.test', 'ada@demo.test'])
    })

    test('by a client with a secret that shows it', async () => {
      const fields = { client_id: 'orders', username: 'ada' }
      expect(await ask(app, fields)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
      expect(await ask(app, fields, { headers: basicAuth('orders', 'wrong') })).toMatchObject({ status: 401 })
      expect(await ask(app, fields, { headers: basicAuth() })).toMatchObject(accepted)
      expect(await settled()).toHaveLength(1)
    })

    test('from a page of the client’s own', async () => {
      const { headers } = await ask(app, { username: 'ada' }, { headers: { origin: APP_ORIGIN } })
      expect(headers).toMatchObject({ 'access-control-allow-origin': APP_ORIGIN, 'cache-control': 'no-store' })
      const other = await ask(app, { username: 'ada' }, { headers: { origin: 'https://evil.test' } })
      expect(other.headers).not.toHaveProperty('access-control-allow-origin')
    })

    test.each<[number, string, Record<string, unknown>]>([
      [401, 'an unknown client', { client_id: 'nobody', username: 'ada' }],
      [400, 'no client', { client_id: '', username: 'ada' }],
      [400, 'no name', {}],
      [400, 'an empty name', { username: ' ', email: '' }],
      [400, 'a name that is a list', { username: ['ada'] }],
      [400, 'a name that is no text', { email: { $ne: null } }],
      [400, 'a name that is too long', { username: 'x'.repeat(4_001) }],
    ])('is refused with %i: %s', async (status, _what, fields) => {
      const answer = await ask(app, fields, { as: 'json' })
      expect(answer).toMatchObject({
        status,
        body: { error: expect.any(String), error_description: expect.any(String) },
      })
      expect(await settled()).toEqual([])
    })

    test.each([
      ['a list', '[]'],
      ['nothing', 'null'],
      ['a text', '"ada"'],
      ['cut off', '{'],
      ['nested without end', '['.repeat(5_000)],
    ])('a body that is %s is refused', async (_what, payload) => {
      const { statusCode } = await app.server.inject({
        method: 'POST',
        url: '/demo/one-time-password',
        headers: { host: 'localhost:3000', 'content-type': 'application/json' },
        payload,
      })
      expect(statusCode).toBe(400)
    })

    test('not for a client that nobody signs in to', async () => {
      const answer = await ask(app, { client_id: 'kiosk', username: 'ada' })
      expect(answer).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } })
    })
  })

  describe('nobody learns from an answer whether there is an account', () => {
    test.each([
      ['an unknown name', { username: 'nobody' }],
      ['an unknown address', { email: 'nobody@demo.test' }],
      ['a name of control characters', { username: 'a\u0000da' }],
      ['a name and another’s address', { username: 'ada', email: 'ben@demo.test' }],
      ['a name and an address nobody has', { username: 'ada', email: 'nobody@demo.test' }],
      ['somebody without an address', { username: 'carla' }],
      ['a guest’s template', { username: 'visitor' }],
      ['somebody disabled', { username: 'ben' }],
    ])('%s is answered like everybody else, and nothing is mailed', async (_who, fields) => {
      await store.db.updateTable('users').set({ disabled_at: 1 }).where('username', '=', 'ben').execute()
      const { date: _then, ...headers } = (await ask(app, { username: 'ada' })).headers
      const answer = await ask(app, fields)
      const { date: _now, ...same } = answer.headers
      expect(answer).toMatchObject(accepted)
      expect(same).toEqual(headers)
      expect((await settled()).flatMap(({ to }) => to)).toEqual(['ada@demo.test'])
    })
  })

  describe('limits', () => {
    const slowDown = { status: 429, body: { error: 'slow_down' }, headers: { 'retry-after': '3600' } }

    test.each(['ada', 'nobody'])('five for one name from one network in an hour, also for %s', async (username) => {
      for (let index = 0; index < 5; index++) {
        expect(await ask(app, { username: index % 2 ? ` ${username.toUpperCase()}` : username })).toMatchObject(
          accepted,
        )
      }
      expect(await ask(app, { username })).toMatchObject(slowDown)
      expect(await ask(app, { username }, { ip: '10.0.0.1' })).toMatchObject(accepted)
    })

    test('ten for one person, whoever asks by whichever name, and nobody is told', async () => {
      for (let index = 0; index < 14; index++) {
        const fields = index % 2 ? { username: 'ada' } : { email: 'ada@demo.test' }
        expect(await ask(app, fields, { ip: `10.0.${index}.1` })).toMatchObject(accepted)
      }
      expect(await settled()).toHaveLength(10)
    })

    test('so many for a network, and for all of them together', async () => {
      const limits = { one_time_passwords_per_hour: 3, one_time_passwords_per_hour_total: 5 }
      const limited = await startTestApp({ store, config: configOf(limits) })
      const statuses = []
      for (let index = 0; index < 5; index++)
        statuses.push((await ask(limited, { username: `nobody-${index}` })).status)
      for (let index = 0; index < 5; index++)
        statuses.push((await ask(limited, { username: 'nobody' }, { ip: `10.0.${index}.1` })).status)
      expect(statuses).toEqual([202, 202, 202, 429, 429, 202, 202, 429, 429, 429])
      await limited.close()
    })

    test('hold for 20 at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(app, { username: 'ada' })))
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(5)
      expect(await settled()).toHaveLength(5)
    })
  })

  describe('a mail server', () => {
    test('that is away changes no answer, and gets the mail when it is back', async () => {
      await mailServer.close()
      expect(await ask(app, { username: 'ada' })).toMatchObject(accepted)
      await until(async () => (await queued()).some(({ refusals }) => refusals > 0))
      expect((await queued())[0]).toMatchObject({ last_error: 'ECONNREFUSED' })
      await mailServer.open()
      expect(await settled()).toHaveLength(1)
    })

    test('that is slow keeps nobody waiting', async () => {
      mailServer.greetAfter(1_000)
      const begun = Date.now()
      expect(await ask(app, { username: 'ada' })).toMatchObject(accepted)
      expect(await tryAtPage(ADA.password)).toBe('signed in')
      expect(Date.now() - begun).toBeLessThan(1_000)
      expect(await settled()).toHaveLength(1)
    })

    test('that knows no such address is not asked again', async () => {
      mailServer.refuse(550)
      await ask(app, { username: 'ada' })
      expect(await settled()).toEqual([])
      expect(app.log.join('')).toContain('"reason":"EENVELOPE 550"')
    })

    test('gets nothing any more when ten minutes have passed', async () => {
      await mailServer.close()
      await ask(app, { username: 'ada' })
      await until(async () => (await queued()).some(({ refusals }) => refusals > 0))
      await store.db
        .updateTable('outbox')
        .set({ created_at: Date.now() - 601_000 })
        .execute()
      await mailServer.open()
      expect(await settled()).toEqual([])
    })

    const queued = () => store.db.selectFrom('outbox').select(['refusals', 'last_error']).execute()
  })
})

test('without a mail server there are none, and the answer says why', async () => {
  const app = await startTestApp()
  expect(await ask(app, { username: 'ada' })).toMatchObject({
    status: 404,
    body: { error_description: expect.stringContaining('"mail" is not configured') },
  })
  await app.close()
})
