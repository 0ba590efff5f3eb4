import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { createSqliteFile } from '../store/test/open-test-stores.ts'
import { aPkce, authorizeUrl, refresh, signedIn, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'

describe('while the database is held by somebody else', () => {
  let app: TestApp
  let store: Store
  let file: Awaited<ReturnType<typeof createSqliteFile>>

  beforeEach(async () => {
    file = await createSqliteFile()
    store = await openStore(file.url)
    app = await startTestApp({ store, expectsErrors: true })
  })
  afterEach(async () => {
    await app.close()
    await store.close()
    await file.remove()
  })

  /** Another program that has begun to write and doesn't finish. */
  function holdDatabase(): () => void {
    const holder = new DatabaseSync(file.url.slice('sqlite:'.length))
    holder.exec('begin immediate')
    return () => {
      holder.exec('rollback')
      holder.close()
    }
  }

  it('a refresh is answered 503 with Retry-After, costs nothing, and succeeds afterwards', async () => {
    const { refreshToken } = await signedIn(app)
    const letGo = holdDatabase()
    const refused = await refresh(app, { token: refreshToken })
    letGo()
    expect(refused).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await refresh(app, { token: refreshToken })).status).toBe(200)
  }, 30_000)

  it('a sign-in page that cannot be started says so and offers no stack', async () => {
    const letGo = holdDatabase()
    const answer = await app.browser().get(authorizeUrl(aPkce()))
    letGo()
    expect(answer.status).toBe(503)
    expect(answer.body).not.toMatch(/\.ts:\d+/)
  }, 30_000)

  it('a guest can still refresh: that writes nothing', async () => {
    const guest = await startGuest(app)
    const letGo = holdDatabase()
    expect((await refresh(app, { token: guest.refreshToken })).status).toBe(200)
    letGo()
  }, 30_000)
})
