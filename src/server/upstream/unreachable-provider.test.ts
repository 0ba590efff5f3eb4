import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answerAtApp, pageOf, signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aClient, aConfig } from '../test/test-config.ts'
import { chooseUpstream, comeBack, signInThrough } from './test/sign-in-through.ts'
import { startUpstream, type UpstreamServer } from './test/upstream-server.ts'
import { Visitor } from './test/visitor.ts'

const DISCOVERY = '/.well-known/openid-configuration'
const AWAY = { code: 'upstream-unavailable', upstream: 'Acme' }

let acme: UpstreamServer
let app: TestApp
beforeAll(async () => {
  acme = await startUpstream()
  acme.accounts.set('cleo', {})
})
afterAll(() => acme.close())
/** Nothing is remembered of the provider yet. */
beforeEach(async () => {
  acme.asked.length = 0
  const upstream = [acme.entry({ provision: true })]
  app = await startTestApp({ config: aConfig({ tenant: { upstream, clients: [aClient({ consent: 'skip' })] } }) })
})
afterEach(async () => {
  acme.lies = {}
  await app.close()
})

async function choose() {
  const visit = await visitSignIn(app)
  const response = await visit.browser.postForm(visit.state.action, { step: 'upstream', upstream: 'acme' })
  return { ...visit, response, state: pageOf(response, 'sign-in') }
}

async function expectPasswordWorks({ browser, state }: Standing) {
  const response = await browser.follow(await browser.postForm(state.action, signInStep()))
  expect(answerAtApp(response)).toHaveProperty('code')
}

const quick = ['huge', 'redirect', 'fail', 'break off', 'page'] as const
const paths = [DISCOVERY, '/token', '/jwks', '/me']
// Those that are waited for take five seconds each.
const slow = [
  ['hang', DISCOVERY],
  ['hang', '/token'],
  ['trickle', '/jwks'],
  ['trickle', '/me'],
] as const

describe.each([...slow, ...quick.flatMap((way) => paths.map((path) => [way, path] as const))])(
  'a provider that would %s at %s',
  (way, path) => {
    test('leads back to the page, whose other ways work', async () => {
      const { browser, state } = await visitSignIn(app)
      const answers = { [path]: way }
      const response =
        path === DISCOVERY
          ? await chooseWhile({ browser, state }, answers)
          : await comeBackWhile({ browser, state }, answers)
      const page = pageOf(response, 'sign-in')
      // A page instead of data is an answer, if no usable one.
      expect(page.error).toEqual(way === 'page' ? { ...AWAY, code: 'upstream-failed' } : AWAY)
      expect(await app.store.db.selectFrom('identities').selectAll().execute()).toEqual([])
      await expectPasswordWorks({ browser, state: page })
    })
  },
)

type Standing = Pick<Awaited<ReturnType<typeof visitSignIn>>, 'browser' | 'state'>

function chooseWhile({ browser, state }: Standing, answers: NonNullable<UpstreamServer['lies']['answers']>) {
  acme.lies = { answers }
  return browser.postForm(state.action, { step: 'upstream', upstream: 'acme' })
}

async function comeBackWhile({ browser, state }: Standing, answers: NonNullable<UpstreamServer['lies']['answers']>) {
  const back = await new Visitor().signIn(await chooseUpstream(browser, state), 'cleo')
  acme.lies = { answers }
  return comeBack(browser, back)
}

test('when nobody is at its address any more the page says so', async () => {
  const gone = await startUpstream()
  const upstream = [gone.entry()]
  await gone.close()
  const other = await startTestApp({ config: aConfig({ tenant: { upstream } }) })
  const { browser, state } = await visitSignIn(other)
  const response = await browser.postForm(state.action, { step: 'upstream', upstream: 'acme' })
  expect(pageOf(response, 'sign-in').error).toEqual(AWAY)
  await other.close()
})

test('the sign-in page and the password answer while the provider keeps others waiting', async () => {
  acme.lies = { answers: { [DISCOVERY]: 'hang' } }
  const finished: string[] = []
  const waiting = Array.from({ length: 20 }, () => choose().then(({ state }) => finished.push(state.error?.code ?? '')))
  await expectPasswordWorks(await visitSignIn(app))
  expect(finished).toEqual([])
  await Promise.all(waiting)
  expect(new Set(finished)).toEqual(new Set(['upstream-unavailable']))
  // All of them waited for the same request.
  expect(acme.asked.filter((path) => path === DISCOVERY)).toHaveLength(1)
})

test('the server starts while the provider is away, and finds it when it is back', async () => {
  acme.lies = { answers: { [DISCOVERY]: 'fail' } }
  const { browser, state } = await choose()
  acme.lies = {}
  expect((await choose()).state.error).toEqual(AWAY)
  await sleep(5_100)
  expect(answerAtApp(await signInThrough({ browser, state }, 'cleo'))).toHaveProperty('code')
})

test('a provider that answers pages or nothing is asked no second time for the same code', async () => {
  const { browser, state } = await visitSignIn(app)
  const back = await new Visitor().signIn(await chooseUpstream(browser, state), 'cleo')
  acme.lies = { answers: { '/token': 'break off' } }
  acme.asked.length = 0
  await comeBack(browser, back)
  await comeBack(browser, back)
  expect(acme.asked.filter((path) => path === '/token')).toHaveLength(1)
})
