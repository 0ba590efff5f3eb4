import { readdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import {
  aPkce,
  authorizeUrl,
  basicAuth,
  obtainCode,
  postToEndpoint,
  pushRequest,
  redeem,
  refresh,
  signedIn,
} from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import type { TestBrowser } from '../test/test-browser.ts'
import { ADA, ORDERS_SECRET, SECRET } from '../test/test-config.ts'

describe('whoever reads the database can use nothing of it', () => {
  describeStores((openTestStore, databaseUrl) => {
    let app: TestApp
    const secrets: Record<string, string> = {}
    let stored = ''

    beforeAll(async () => {
      app = await startTestApp({ store: await openTestStore() })
      Object.assign(secrets, await useEverything(app))
      stored = (await rowsOf(app)) + (await filesOf(databaseUrl()))
    })
    afterAll(() => app.close())

    it('holds what was done', () => {
      for (const table of ['engine_records', 'refresh_tokens', 'families', 'audit'])
        expect(stored).toContain(`"${table}"`)
      for (const model of ['Session', 'Interaction', 'AuthorizationCode', 'PushedAuthorizationRequest']) {
        expect(stored).toContain(`"${model}"`)
      }
    })

    it.each([
      'password',
      'PORTICO_SECRET',
      'client secret',
      'unused code',
      'spent code',
      'refresh token',
      'its successor',
      'access token',
      'ID token',
      'session cookie',
      'open interaction',
      'pushed request',
      'DPoP proof id',
    ])('finds no %s in it', (name) => {
      const secret = secrets[name] ?? ''
      expect(secret.length).toBeGreaterThan(8)
      expect(stored).not.toContain(secret)
      expect(stored).not.toContain(Buffer.from(secret).toString('base64url'))
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'))
    })

    it('gets nothing for what does stand there', async () => {
      const tokens = await app.store.db.selectFrom('refresh_tokens').selectAll().execute()
      for (const { token_hash, successor_hash, sealed_successor } of tokens) {
        for (const token of [token_hash, successor_hash, sealed_successor]) {
          if (token === null) continue
          expect(await refresh(app, { token })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
        }
      }
      const codes = await app.store.db
        .selectFrom('engine_records')
        .selectAll()
        .where('model', '=', 'AuthorizationCode')
        .execute()
      for (const { id_hash } of codes) expect((await redeem(app, { code: id_hash, pkce: aPkce() })).status).toBe(400)
    })
  })
})

/** Leaves one of everything in the store, and tells what its holder knows. */
async function useEverything(app: TestApp): Promise<Record<string, string>> {
  const browser = app.browser()
  const key = await createDpopKey()
  const login = await signedIn(app, { browser, key })
  const renewed = await refresh(app, { token: login.refreshToken, key })
  const pkce = aPkce()
  // An interaction of somebody signed in repeats whose session it is.
  await browser.get(authorizeUrl(aPkce(), { prompt: 'login' }))
  const waiting = await app.browser().get(authorizeUrl(aPkce()))
  const pushed = await pushRequest(app, aPkce())
  const proof = await key.proof({ url: 'http://localhost:3000/demo/token', jti: 'the-id-of-a-proof-0123456789' })
  const form = { grant_type: 'refresh_token', client_id: 'catalog', refresh_token: String(renewed.body.refresh_token) }
  await postToEndpoint(app, 'token', form, { proof })
  await postToEndpoint(app, 'token', { grant_type: 'refresh_token', refresh_token: 'x' }, { headers: basicAuth() })
  return {
    password: ADA.password,
    PORTICO_SECRET: SECRET,
    'client secret': ORDERS_SECRET,
    'unused code': await obtainCode(browser, pkce),
    'spent code': login.code,
    'refresh token': login.refreshToken,
    'its successor': String(renewed.body.refresh_token),
    'access token': login.accessToken,
    'ID token': login.idToken,
    'session cookie': sessionCookie(browser),
    'open interaction': waiting.location?.pathname.split('/').at(-1) ?? '',
    'pushed request': String(pushed.body.request_uri).split(':').at(-1) ?? '',
    'DPoP proof id': 'the-id-of-a-proof-0123456789',
  }
}

function sessionCookie(browser: TestBrowser): string {
  return browser.cookie('portico_demo_session') ?? ''
}

async function rowsOf(app: TestApp): Promise<string> {
  const tables = await app.store.db.introspection.getTables()
  const rows = tables.map(async ({ name }) => {
    const result = await sql`select * from ${sql.table(name)}`.execute(app.store.db)
    return JSON.stringify(name) + JSON.stringify(result.rows).replaceAll('\\"', '"')
  })
  return (await Promise.all(rows)).join('\n')
}

/** A SQLite database as a thief of the files sees it, write-ahead log included. */
async function filesOf(databaseUrl: string): Promise<string> {
  if (!databaseUrl.startsWith('sqlite:')) return ''
  const folder = dirname(databaseUrl.slice('sqlite:'.length))
  const names = await readdir(folder)
  return (await Promise.all(names.map((name) => readFile(`${folder}/${name}`, 'latin1')))).join('\n')
}
