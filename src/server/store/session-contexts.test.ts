import { beforeAll, expect, test } from 'vitest'
import {
  findSessionContext,
  insertSessionContext,
  type SessionContext,
  updateSessionContext,
} from './session-contexts.ts'
import type { Store } from './store.ts'
import { sweepExpired } from './sweep.ts'
import { describeStores } from './test/open-test-stores.ts'

const now = Date.UTC(2026, 10, 25)

const aContext = (overrides: Partial<SessionContext> = {}): SessionContext => ({
  tenant: 'demo',
  sessionId: crypto.randomUUID(),
  version: 1,
  values: { currency: 'EUR' },
  forgetAt: now + 1,
  ...overrides,
})

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  test('the first of a session stays', async () => {
    const context = aContext()
    expect(await insertSessionContext(store.db, context)).toBe(true)
    expect(await insertSessionContext(store.db, { ...context, values: { currency: 'CHF' } })).toBe(false)
    const found = await findSessionContext(store.db, 'demo', context.sessionId)
    expect(found).toEqual({ version: 1, values: { currency: 'EUR' } })
    expect(await findSessionContext(store.db, 'other', context.sessionId)).toBeUndefined()
  })

  test.each([true, false])('of many changes of one version exactly one is made; kept before: %s', async (isKept) => {
    const context = aContext()
    if (isKept) await insertSessionContext(store.db, context)
    const changes = Array.from({ length: 10 }, (_, index) =>
      updateSessionContext(store.db, { ...context, values: { currency: `C${index}` }, isFirst: true }),
    )
    const answers = await Promise.all(changes)
    expect(answers.filter(Boolean)).toHaveLength(1)
    const { version, values } = (await findSessionContext(store.db, 'demo', context.sessionId)) ?? {}
    expect({ version, values }).toEqual({ version: 2, values: { currency: `C${answers.indexOf(true)}` } })
  })

  test('what isn’t there is not changed, unless it is the first', async () => {
    expect(await updateSessionContext(store.db, { ...aContext({ version: 2 }), isFirst: false })).toBe(false)
  })

  test('it is forgotten at its end', async () => {
    const [past, live] = [aContext({ forgetAt: now }), aContext({ forgetAt: now + 2 })]
    for (const context of [past, live]) await insertSessionContext(store.db, context)
    await sweepExpired(store, now)
    expect(await findSessionContext(store.db, 'demo', past.sessionId)).toBeUndefined()
    expect(await findSessionContext(store.db, 'demo', live.sessionId)).toBeDefined()
  })
})
