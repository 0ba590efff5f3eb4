import { beforeAll, expect, test } from 'vitest'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { type AuditEntry, createAudit } from './audit.ts'

const now = Date.UTC(2026, 10, 22)

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  async function recorded(entry: AuditEntry, at: number) {
    const told: [object, string][] = []
    const audit = createAudit(store, { info: (fields, message) => told.push([fields, message]) })
    await audit.record(entry, at)
    const row = await store.db.selectFrom('audit').selectAll().where('at', '=', at).executeTakeFirstOrThrow()
    return { row, told }
  }

  test('an entry says who, what, when and from where, in the table and in the log', async () => {
    const { row, told } = await recorded(
      {
        tenant: 'demo',
        event: 'token.refused',
        userId: 'u1',
        clientId: 'catalog',
        ip: '::1',
        requestId: 'r1',
        detail: { reason: 'expired', tries: 2 },
      },
      now,
    )
    expect(row).toMatchObject({
      tenant: 'demo',
      at: now,
      event: 'token.refused',
      user_id: 'u1',
      client_id: 'catalog',
      ip: '::1',
      request_id: 'r1',
    })
    expect(JSON.parse(row.detail)).toEqual({ reason: 'expired', tries: 2 })
    expect(told).toEqual([[{ audit: { ...row, detail: { reason: 'expired', tries: 2 } } }, 'token.refused']])
  })

  test('what is unknown stays empty', async () => {
    const { row } = await recorded({ event: 'client.refused' }, now + 1)
    expect(row).toMatchObject({
      tenant: null,
      user_id: null,
      client_id: null,
      ip: null,
      request_id: null,
      detail: '{}',
    })
  })

  test('text from outside stays on one line and cannot reorder it', async () => {
    const { row } = await recorded(
      { event: 'client.refused', clientId: 'a\r\nevent=sign-in\u0000\u2028\u202e', detail: { name: 'x\ny' } },
      now + 2,
    )
    expect(row.client_id).toBe('a\\u{d}\\u{a}event=sign-in\\u{0}\\u{2028}\\u{202e}')
    expect(JSON.parse(row.detail)).toEqual({ name: 'x\\u{a}y' })
  })

  test('long text is cut', async () => {
    const { row } = await recorded({ event: 'client.refused', clientId: 'x'.repeat(10_000) }, now + 3)
    expect(row.client_id).toHaveLength(501)
  })

  test('a detail named like a secret does not compile, and is hidden if forced in', async () => {
    // @ts-expect-error: a detail never holds a password
    const withPassword: AuditEntry = { event: 'sign-in.failed', detail: { password: 'hunter2' } }
    const forced = {
      ...withPassword,
      detail: { ...withPassword.detail, new_password: 'hunter2', refresh_token: 'hunter2' },
    } as AuditEntry
    const { row, told } = await recorded(forced, now + 4)
    expect(JSON.stringify([row, told])).not.toContain('hunter2')
  })

  test('what strangers can make happen by the thousand is kept while it is little, from each network', async () => {
    const told: unknown[] = []
    const audit = createAudit(store, { info: (fields) => told.push(fields) })
    const refusedFrom = (ip: string, at: number) => audit.recordFew({ event: 'token.refused', ip }, at)
    const kept = async () => {
      const rows = await store.db.selectFrom('audit').select('id').where('event', '=', 'token.refused').execute()
      return rows.length
    }
    await store.db.deleteFrom('audit').execute()
    for (let index = 0; index < 120; index++) await refusedFrom(`10.1.1.${index}`, now)
    expect(await kept()).toBe(100)
    expect(told).toHaveLength(120)
    await refusedFrom('10.1.2.1', now)
    await refusedFrom('10.1.1.1', now + 3_600_000)
    expect(await kept()).toBe(102)
  })

  test('an entry in a transaction stands or falls with it', async () => {
    const audit = createAudit(store, { info: () => {} })
    const failing = store.transaction(async (tx) => {
      await audit.record({ event: 'code.redeemed' }, now + 5, tx)
      throw new Error('lost power')
    })
    await expect(failing).rejects.toThrow('lost power')
    expect(
      await store.db
        .selectFrom('audit')
        .selectAll()
        .where('at', '=', now + 5)
        .execute(),
    ).toEqual([])
  })
})
