import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { GUEST_GRANT, refresh, signInAsGuest, startGuest } from '../test/flows.ts'
import { startTestApp, type TestApp } from '../test/test-app.ts'
import { aConfig } from '../test/test-config.ts'
import { createGuestLimit } from './guest-limit.ts'

const start = Date.UTC(2026, 10, 22, 12)
const limitsOf = (limits: object) => aConfig({ file: { limits } }).limits

describe('new guests', () => {
  describeStores((openTestStore) => {
    let nodes: [TestApp, TestApp]
    beforeAll(async () => {
      const config = aConfig({
        file: { limits: { guest_burst: 20, guests_per_minute: 60 }, trusted_proxies: ['127.0.0.1'] },
      })
      const start = async () => startTestApp({ store: await openTestStore(), config })
      nodes = [await start(), await start()]
    })
    afterAll(() => Promise.all(nodes.map((node) => node.close())))
    beforeEach(async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      // Whatever a test left, nobody is short of anything an hour later.
      vi.setSystemTime(Date.now() + 3_600_000)
    })
    afterEach(() => void vi.useRealTimers())

    async function come(node: TestApp, from: string) {
      const response = await node.server.inject({
        method: 'POST',
        url: '/demo/token',
        headers: {
          host: 'localhost:3000',
          'content-type': 'application/x-www-form-urlencoded',
          'x-forwarded-for': from,
        },
        payload: new URLSearchParams({ grant_type: GUEST_GRANT, client_id: 'catalog' }).toString(),
      })
      return { status: response.statusCode, headers: response.headers, body: response.json() }
    }

    /** How many of so many are let in, one after another, from addresses in turn. */
    async function letIn(count: number, from: string[], over: TestApp[] = nodes): Promise<number> {
      let made = 0
      for (let index = 0; index < count; index++) {
        const { status } = await come(over[index % over.length] as TestApp, from[index % from.length] as string)
        if (status === 200) made++
      }
      return made
    }

    it('of one network are bounded, over all nodes, however their addresses are written', async () => {
      const forms = [
        '192.0.2.1',
        '192.0.2.77',
        '::ffff:192.0.2.9',
        '::ffff:c000:20a',
        '2002:c000:20b::1',
        '64:ff9b::c000:20c',
      ]
      expect(await letIn(40, [...forms, '8.8.8.8, 192.0.2.200'])).toBe(20)
      expect(await letIn(5, ['192.0.3.1'])).toBe(5)
    })

    it('of one /64 are bounded', async () => {
      expect(await letIn(25, ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:2:1:2:3:4'])).toBe(20)
      expect((await come(nodes[0], '2001:db8:1:3::1')).status).toBe(200)
    })

    it('beyond the bound are told when to come back (RFC 6585 section 4), and in the log', async () => {
      await letIn(20, ['198.51.100.1'])
      const refused = await come(nodes[0], '198.51.100.2')
      expect(refused).toMatchObject({
        status: 429,
        body: { error: 'slow_down', error_description: expect.stringContaining('1 s') },
        headers: { 'retry-after': '1', 'cache-control': 'no-store' },
      })
      const lines = nodes[0].log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'guest.refused')
      const audit = { ip: '198.51.100.2', tenant: 'demo', detail: { error: 'slow_down' } }
      expect(lines.at(-1)).toMatchObject({ audit })
      vi.setSystemTime(Date.now() + 1000)
      expect((await come(nodes[0], '198.51.100.2')).status).toBe(200)
    })

    it('flow back at the rate that is configured, up to the burst', async () => {
      await letIn(20, ['203.0.113.1'])
      vi.setSystemTime(Date.now() + 10_000)
      expect(await letIn(30, ['203.0.113.1'])).toBe(10)
      vi.setSystemTime(Date.now() + 3_600_000)
      expect(await letIn(30, ['203.0.113.1'])).toBe(20)
    })

    it('who came in time may refresh and sign in, whoever else is refused', async () => {
      const [node] = nodes
      const guest = await startGuest(node)
      expect(await letIn(30, ['127.0.0.9'])).toBeLessThan(20)
      expect((await come(node, '127.0.0.9')).status).toBe(429)
      const answers = await Promise.all(Array.from({ length: 40 }, () => refresh(node, { token: guest.refreshToken })))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      expect((await signInAsGuest(node, guest.refreshToken)).body).toMatchObject({ session_id: guest.sessionId })
    })

    it('cannot choose their network: only a trusted proxy is believed', async () => {
      const config = aConfig({ file: { limits: { guest_burst: 5, guests_per_minute: 1 } } })
      const store = await openTestStore()
      await store.db.deleteFrom('rate_buckets').execute()
      const open = await startTestApp({ store, config })
      const statuses: number[] = []
      for (let index = 0; index < 8; index++) statuses.push((await come(open, `10.${index}.0.1`)).status)
      await open.close()
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429])
    })
  })
})

describe('the limit', () => {
  describeStores((openTestStore) => {
    let store: Store
    beforeAll(async () => {
      store = await openTestStore()
    })

    /** A network of its own for each test. */
    let networks = 0
    const network = () => `10.0.${networks++}.1`
    async function taken(limit: ReturnType<typeof createGuestLimit>, ip: string, times: number, now: number) {
      const waits = []
      for (let index = 0; index < times; index++) waits.push(await limit.secondsToWait(ip, now))
      return waits.filter((wait) => wait === 0).length
    }

    it('costs a quiet network nothing but the guests it makes', async () => {
      const limit = createGuestLimit(store, 'quiet', limitsOf({ guest_burst: 100, guests_per_minute: 6 }))
      const ip = network()
      for (let seconds = 0; seconds < 3600; seconds += 15) {
        expect(await limit.secondsToWait(ip, start + seconds * 1000)).toBe(0)
      }
    })

    it('is never exceeded by nodes that take portions', async () => {
      const limits = limitsOf({ guest_burst: 100, guests_per_minute: 60 })
      const limit = Array.from({ length: 5 }, () => createGuestLimit(store, 'portions', limits))
      const ip = network()
      let made = 0
      for (let seconds = 0; seconds <= 60; seconds += 5) {
        for (const node of limit) made += await taken(node, ip, 40, start + seconds * 1000)
      }
      expect(made).toBe(100 + 60)
    })

    it('writes a tenth as often as guests come, and not for those it refuses', async () => {
      const { counting, asked } = countingStore(store)
      const limit = createGuestLimit(counting, 'writes', limitsOf({ guest_burst: 100, guests_per_minute: 1 }))
      const ip = network()
      expect(await taken(limit, ip, 1000, start)).toBe(100)
      // Ten portions and one refusal, and one portion of what all networks have.
      expect(asked()).toBe(12)
    })

    it('gives each of many at once one, and no more than there are', async () => {
      const limit = createGuestLimit(store, 'crowd', limitsOf({ guest_burst: 100, guests_per_minute: 1 }))
      const ip = network()
      const waits = await Promise.all(Array.from({ length: 300 }, () => limit.secondsToWait(ip, start)))
      expect(waits.filter((wait) => wait === 0)).toHaveLength(100)
      expect(new Set(waits)).toEqual(new Set([0, 60]))
    })

    it('also bounds all networks together, and then makes no rows for new ones', async () => {
      const limits = limitsOf({ guest_burst: 10, guest_burst_total: 50, guests_per_minute_total: 1 })
      const limit = createGuestLimit(store, 'total', limits)
      let made = 0
      for (let index = 0; index < 500; index++) {
        if ((await limit.secondsToWait(`2001:db8:0:${index.toString(16)}::1`, start)) === 0) made++
      }
      expect(made).toBe(50)
      const rows = await store.db
        .selectFrom('rate_buckets')
        .select('name')
        .where('name', 'like', 'guests total%')
        .execute()
      expect(rows.length).toBeLessThan(55)
    })

    it('survives a clock that is set back', async () => {
      const limit = createGuestLimit(store, 'clock', limitsOf({ guest_burst: 10, guests_per_minute: 60 }))
      const ip = network()
      await taken(limit, ip, 11, start)
      expect(await limit.secondsToWait(ip, start - 3_600_000 + 5_000)).toBeLessThan(2)
      expect(await taken(limit, ip, 5, start - 3_600_000 + 15_000)).toBe(5)
    })
  })

  it('is remembered for the last ten thousand networks, so that it needs no more memory than that', async () => {
    const store = await openStore('sqlite::memory:')
    const { counting, asked } = countingStore(store)
    const limits = limitsOf({ guest_burst: 100, guest_burst_total: 1_000_000 })
    const limit = createGuestLimit(counting, 'memory', limits)
    const come = (index: number) => limit.secondsToWait(`2001:db8:0:${index.toString(16)}::1`, start)
    for (let index = 0; index < 10_001; index++) await come(index)
    const before = asked()
    for (const known of [1, 5_000, 10_000]) await come(known)
    expect(asked()).toBe(before)
    await come(0)
    expect(asked()).toBe(before + 1)
    await store.close()
  })
})

function countingStore(store: Store) {
  let transactions = 0
  const transaction: Store['transaction'] = (work) => {
    transactions++
    return store.transaction(work)
  }
  const counting: Store = Object.create(store, { transaction: { value: transaction } })
  return { counting, asked: () => transactions }
}
