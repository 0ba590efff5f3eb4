import { beforeAll, describe, expect, it } from 'vitest'
import { insertFamily } from './families.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Store } from './store.ts'
import type { FamilyRow } from './tables.ts'
import { aFamily } from './test/builders.ts'
import { describeStores } from './test/open-test-stores.ts'

const byClientAndEnd = prepareQuery<{ clientId: string; tenant: string }, Pick<FamilyRow, 'id'>>((db, value) =>
  db
    .selectFrom('families')
    .select('id')
    .where('ended_at', 'is', null)
    .where('client_id', '=', value('clientId'))
    .where('tenant', '=', value('tenant'))
    .where('scope', '!=', 'a value of its own'),
)

const end = prepareQuery<{ id: string; now: number }, never>((db, value) =>
  db
    .updateTable('families')
    .set({ ended_at: value('now') })
    .where('id', '=', value('id')),
)

describeStores((openTestStore) => {
  let store: Store
  beforeAll(async () => {
    store = await openTestStore()
  })

  describe('a prepared query', () => {
    it('takes the values of each call, by name, wherever they stand', async () => {
      const [one, other] = [aFamily({ clientId: 'one' }), aFamily({ clientId: 'other' })]
      await insertFamily(store.db, one)
      await insertFamily(store.db, other)
      expect((await byClientAndEnd(store.db, { tenant: one.tenant, clientId: 'one' })).rows).toEqual([{ id: one.id }])
      expect((await byClientAndEnd(store.db, { tenant: one.tenant, clientId: 'other' })).rows).toEqual([
        { id: other.id },
      ])
      expect((await byClientAndEnd(store.db, { tenant: 'another', clientId: 'one' })).rows).toEqual([])
    })

    it('runs in the transaction it is given, and says how many rows it changed', async () => {
      const family = aFamily({ clientId: 'changed' })
      await insertFamily(store.db, family)
      const undone = store.transaction(async (tx) => {
        expect((await end(tx, { id: family.id, now: 5 })).numAffectedRows).toBe(1n)
        throw new Error('undone')
      })
      await expect(undone).rejects.toThrow('undone')
      expect((await byClientAndEnd(store.db, { tenant: family.tenant, clientId: 'changed' })).rows).toHaveLength(1)
    })
  })
})
