import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAudit } from '../audit/audit.ts'
import { putOneTimePassword } from '../store/one-time-passwords.ts'
import { findUserByName } from '../store/users.ts'
import { type Everything, PASSWORD, startEverything } from '../test/everything-on.ts'
import type { Operation } from '../test/operation.ts'
import { operationsWhere } from '../test/operations.ts'
import { signInStep, visitSignIn } from '../test/portal-steps.ts'
import { startAsking } from '../test/send-operation.ts'
import type { TestApp } from '../test/test-app.ts'
import { disablePerson } from './disable-person.ts'

const CODE = 'BCDF-GHJK-LMNP-QRST'
const ADA = { username: 'ada', password: PASSWORD }
const BEN = { username: 'ben', password: PASSWORD }
const WRONG = { username: 'ada', password: 'not it' }

let everything: Everything
let app: TestApp
beforeAll(async () => {
  // Few, because each costs a real check of a password.
  everything = await startEverything({ lockout: { failures: 3, seconds: 120 } })
  app = everything.app
})
afterAll(() => everything.close())
beforeEach(async () => {
  const { db } = app.store
  await db.deleteFrom('throttles').execute()
  await db.deleteFrom('one_time_passwords').execute()
  await db.updateTable('users').set({ disabled_at: null }).execute()
})
afterEach(() => void vi.useRealTimers())

type Outcome = 'in' | 'refused' | 'paused'
type Headers = Record<string, string>

/** A way in with a name and a password. */
interface Path {
  clientId: string
  signIn(person: typeof ADA, headers?: Headers): Promise<Outcome>
}

const page: Path = {
  clientId: 'app',
  async signIn(person, headers = {}) {
    const { browser, state } = await visitSignIn(app, { overrides: { client_id: 'app' } })
    const { status, headers: said, body } = await browser.postJson(state.action, signInStep(person), headers)
    if (JSON.parse(body).redirectTo !== undefined) return 'in'
    const { code } = JSON.parse(body).state.error
    if (code !== 'too-many-attempts') return 'refused'
    expect({ status, said }).toMatchObject({ status: 429, said: { 'retry-after': '120' } })
    return 'paused'
  },
}

/** A grant or a route of an older API. */
function pathOf(operation: Operation): Path {
  const { rules, succeeds, isRefusal } = operation
  return {
    clientId: rules.client === 'secret' ? 'server' : 'app',
    async signIn({ username, password }, headers = {}) {
      const { ask, fields } = await startAsking(everything, operation)
      const named = 'email' in fields ? { email: username } : { username }
      const response = await ask({ ...fields, ...named, password }, { headers })
      if (response.statusCode === succeeds) return 'in'
      expect(isRefusal(response.json()), response.body).toBe(true)
      if (response.headers['retry-after'] === undefined) return 'refused'
      expect(response.statusCode).toBe(429)
      expect(response.headers['retry-after']).toBe('120')
      return 'paused'
    },
  }
}

const operations = operationsWhere(({ rules, name }) => rules.credentials === true || name === 'Emporix: login')
const everyPath: (readonly [string, Path])[] = [
  ['the sign-in page', page],
  ...operations.map(([name, operation]) => [name, pathOf(operation)] as const),
]

async function outcomesOf(times: number, path: Path, person = WRONG): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let index = 0; index < times; index++) outcomes.push(await path.signIn(person))
  return outcomes
}

async function mailCode(clientId: string): Promise<void> {
  const user = await findUserByName(app.store.db, 'demo', 'ada')
  const mailed = { tenant: 'demo', userId: user?.id ?? '', clientId, tries: 5, expiresAt: Date.now() + 600_000 }
  await putOneTimePassword(app.store.db, { ...mailed, password: CODE.replaceAll('-', '') })
}

async function disable(): Promise<void> {
  const user = await findUserByName(app.store.db, 'demo', 'ada')
  const audit = createAudit(app.store, { info: () => {} })
  await disablePerson({ store: app.store, audit }, { tenant: 'demo', userId: user?.id ?? '' }, Date.now())
}

test('every path that takes a password is looked at', () => {
  expect(everyPath.length).toBeGreaterThanOrEqual(7)
})

describe.each(everyPath)('by %s', (_name, path) => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() }))

  test('too many failures pause every path, also for the right password and one that was mailed', async () => {
    expect(await outcomesOf(4, path)).toEqual(['refused', 'refused', 'refused', 'paused'])
    for (const [, other] of everyPath) {
      await mailCode(other.clientId)
      expect(await other.signIn(ADA)).toBe('paused')
      expect(await other.signIn({ ...ADA, password: CODE })).toBe('paused')
    }
    expect(await path.signIn(BEN)).toBe('in')
    vi.setSystemTime(Date.now() + 120_000)
    expect(await path.signIn(ADA)).toBe('in')
  })

  test('failures of the other paths count', async () => {
    const outcomes = []
    for (const [, other] of everyPath.filter(([, other]) => other !== path).slice(0, 3))
      outcomes.push(await other.signIn(WRONG))
    expect(outcomes).toEqual(Array(3).fill('refused'))
    expect(await path.signIn(ADA)).toBe('paused')
  })

  test('a name that nobody has is paused like any other', async () => {
    const nobody = { username: 'nobody@demo.test', password: 'x' }
    expect(await outcomesOf(4, path, nobody)).toEqual(['refused', 'refused', 'refused', 'paused'])
  })

  test('neither a forwarded address nor another way to write the name helps', async () => {
    const outcomes = []
    for (const [index, username] of ['ada@demo.test', 'ADA@DEMO.TEST', ' ada@demo.test ', 'Ada@Demo.Test'].entries())
      outcomes.push(await path.signIn({ ...WRONG, username }, { 'x-forwarded-for': `10.0.${index}.1` }))
    expect(outcomes).toEqual(['refused', 'refused', 'refused', 'paused'])
  })

  test('a one-time password of this app signs in, once', async () => {
    await mailCode(path.clientId)
    expect(await path.signIn({ ...ADA, password: CODE })).toBe('in')
    expect(await path.signIn({ ...ADA, password: CODE })).toBe('refused')
  })

  test('a one-time password of another app does not', async () => {
    await mailCode('another')
    expect(await path.signIn({ ...ADA, password: CODE })).toBe('refused')
  })

  test('somebody disabled comes in by no password of theirs', async () => {
    await mailCode(path.clientId)
    await disable()
    expect(await path.signIn(ADA)).toBe('refused')
    expect(await path.signIn({ ...ADA, password: CODE })).toBe('refused')
  })
})
