import { afterEach, expect, test } from 'vitest'
import { openStore } from '../store/open-store.ts'
import { aPkce, authorizeUrl, completeSignIn } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'

const without = { nonce: null, code_challenge: null, code_challenge_method: null }
const request = {
  client_id: 'legacy',
  redirect_uri: 'https://legacy.test/',
  response_type: 'token',
  scope: 'profile',
  ...without,
}
const lines = ({ log }: TestApp) => log.map((line) => JSON.parse(line)).filter(({ flow }) => flow !== undefined)

const apps: TestApp[] = []
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())))

test('the log says once, at the next start, which app still uses the implicit flow, how often, and how to move it', async () => {
  const store = await openStore('sqlite::memory:')
  const start = async () => {
    const app = await startTestApp({ store })
    apps.push(app)
    return app
  }
  const first = await start()
  const browser = first.browser()
  const ask = () => browser.get(authorizeUrl(aPkce(), request))
  for (let time = 0; time < 3; time++) await completeSignIn(browser, await ask())
  const told = (app: TestApp) => lines(app).filter(({ level }) => level === 40)
  expect(told(first)).toEqual([])
  const next = told(await start())
  expect(next).toEqual([expect.objectContaining({ tenant: 'demo', client_id: 'legacy', flow: 'implicit', uses: 3 })])
  expect(next[0].msg).toMatch(/^legacy used the implicit flow 3 times since \d{4}-\d\d-\d\d: .*response_type=code/)
  await Promise.all(apps.splice(0).map((app) => app.close()))
  await store.close()
})
