import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { type Delivery, type DeliveryTiming, startDelivery } from './delivery.ts'
import { deliveryStatus } from './delivery-status.ts'
import type { EventTenant } from './event.ts'
import { enqueueEvent } from './outbox.ts'
import { webhookReceivers } from './receivers.ts'
import { anUpgrade, enqueue, enqueueMany } from './test/builders.ts'
import { answer, aTenant, silence, startReceiver, type TestReceiver, until } from './test/receiver.ts'

const program = fileURLToPath(new URL('./test/deliver-in-process.ts', import.meta.url))
/** Quick enough for a test; leases, limits and the like stay as they are in production unless a test says so. */
const quick = { pollMs: 20, firstRetryMs: 5, lastRetryMs: 20 }

describeStores((openTestStore, databaseUrl) => {
  let store: Store
  let neighbour: Store
  const started: { stop?: () => Promise<void>; close?: () => Promise<void> }[] = []
  let logged: { message: string; fields: object }[] = []

  beforeAll(async () => {
    store = await openTestStore()
    neighbour = await openTestStore()
  })
  afterEach(async () => {
    for (const { stop, close } of started.splice(0).reverse()) await (stop ?? close)?.()
    await store.db.deleteFrom('outbox').execute()
    logged = []
  })

  const open = async (...options: Parameters<typeof startReceiver>): Promise<TestReceiver> => {
    const receiver = await startReceiver(...options)
    started.push({ close: receiver.close })
    return receiver
  }
  const keep = (fields: object, message: string) => void logged.push({ message, fields })
  const deliver = (
    tenant: EventTenant,
    { node = store, now = Date.now, ...timing }: Partial<DeliveryTiming> & { node?: Store; now?: () => number } = {},
  ): Delivery => {
    const log = { info: keep, warn: keep }
    const delivery = startDelivery({
      store: node,
      receivers: webhookReceivers(tenant),
      log,
      now,
      timing: { ...quick, ...timing },
    })
    started.push(delivery)
    return delivery
  }
  const status = (eventId: string) => deliveryStatus(store.db, 'demo', eventId)
  const isDone = async (eventId: string) => (await status(eventId)) === 'done'
  const rowOf = (eventId: string) =>
    store.db.selectFrom('outbox').selectAll().where('event_id', '=', eventId).executeTakeFirstOrThrow()

  test('an event arrives signed, with the exact text that was queued', async () => {
    const receiver = await open()
    const tenant = aTenant([receiver.webhook])
    const data = { ...anUpgrade(), tracking_id: 'ünïque' }
    const queuedAt = Date.UTC(2026, 0, 31, 12)
    const id = await enqueue(store, tenant, data, queuedAt)
    deliver(tenant)
    await until(() => isDone(id))
    const [sent] = receiver.received
    if (!sent) throw new Error('nothing arrived')
    expect(receiver.verify(sent)).toEqual({ type: 'guest.upgraded', timestamp: '2026-01-31T12:00:00.000Z', data })
    expect(() => receiver.verify({ ...sent, body: `${sent.body} ` })).toThrow('No matching signature found')
    expect(sent).toMatchObject({
      id,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Portico' },
      body: (await rowOf(id)).body,
    })
  })

  test('every receiver gets the same id, each signed with its own secret', async () => {
    const [first, second] = [await open(), await open()]
    const tenant = aTenant([first.webhook, second.webhook])
    const id = await enqueue(store, tenant)
    deliver(tenant)
    await until(() => isDone(id))
    expect([first.ids(), second.ids()]).toEqual([[id], [id]])
    for (const { received, verify } of [first, second]) expect(() => received.map((one) => verify(one))).not.toThrow()
  })

  test('an event is signed with the secret that is configured when it is sent', async () => {
    const receiver = await open()
    const old = { ...receiver.webhook, secret: `whsec_${'A'.repeat(32)}` }
    const id = await enqueue(store, aTenant([old]))
    deliver(aTenant([receiver.webhook]))
    await until(() => isDone(id))
    for (const one of receiver.received) expect(receiver.verify(one)).toMatchObject({ type: 'guest.upgraded' })
  })

  test('without a receiver an event is done', async () => {
    expect(await status(await enqueue(store, aTenant([])))).toBe('done')
  })

  test('what is undone is never sent', async () => {
    const receiver = await open()
    const tenant = aTenant([receiver.webhook])
    const failing = store.transaction(async (tx) => {
      await enqueueEvent(tx, { tenant, type: 'guest.upgraded', data: anUpgrade() }, Date.now())
      throw new Error('lost power')
    })
    await expect(failing).rejects.toThrow('lost power')
    const next = await enqueue(store, tenant)
    deliver(tenant)
    await until(() => isDone(next))
    expect(receiver.ids()).toEqual([next])
  })

  test('two workers on one database deliver 60 events to two receivers, each once', async () => {
    const receivers = [await open(), await open()]
    const tenant = aTenant(receivers.map(({ webhook }) => webhook))
    const before = await enqueueMany(store, tenant, 30)
    deliver(tenant)
    deliver(tenant, { node: neighbour })
    const ids = [...before, ...(await enqueueMany(store, tenant, 30))].toSorted()
    for (const id of ids) await until(() => isDone(id))
    for (const receiver of receivers) expect(receiver.ids().toSorted()).toEqual(ids)
  })

  test('while one worker waits for a slow answer, nobody sends the same event', async () => {
    const receiver = await open({ respond: silence })
    const tenant = aTenant([receiver.webhook])
    const id = await enqueue(store, tenant)
    deliver(tenant, { stopMs: 0 })
    deliver(tenant, { node: neighbour, stopMs: 0 })
    await until(() => receiver.received.length > 0)
    await sleep(200)
    expect(receiver.ids()).toEqual([id])
    expect(await status(id)).toBe('pending')
  })

  test('a worker that is killed after sending leaves the event to the next, under the same id', async () => {
    const receiver = await open({ respond: silence })
    const tenant = aTenant([receiver.webhook])
    const id = await enqueue(store, tenant)
    const leaseMs = 1_500
    const node = spawn(process.execPath, [program, databaseUrl(), JSON.stringify(tenant), String(leaseMs)])
    await until(() => receiver.received.length === 1)
    node.kill('SIGKILL')
    await once(node, 'exit')
    receiver.respond = answer(200)
    deliver(tenant)
    await sleep(100)
    expect(receiver.ids()).toEqual([id])
    await until(() => isDone(id))
    expect(receiver.ids()).toEqual([id, id])
    expect(await rowOf(id)).toMatchObject({ attempts: 2, refusals: 0 })
  })

  test('a receiver that is down gets its events when it is up again', async () => {
    const gone = await startReceiver()
    await gone.close()
    const tenant = aTenant([gone.webhook])
    const id = await enqueue(store, tenant)
    deliver(tenant)
    await until(async () => (await rowOf(id)).refusals >= 5)
    expect(await status(id)).toBe('failed')
    expect(await rowOf(id)).toMatchObject({ last_error: 'ECONNREFUSED', delivered_at: null })
    const receiver = await open({ port: gone.port })
    await until(() => isDone(id))
    expect(receiver.ids()).toEqual([id])
  })

  test.each([301, 400, 410, 429, 500])('an answer of %i is a refusal, and the event is sent again', async (code) => {
    const receiver = await open({ respond: answer(code, { location: 'http://127.0.0.1:1/' }) })
    const tenant = aTenant([receiver.webhook])
    const id = await enqueue(store, tenant)
    deliver(tenant)
    await until(async () => (await rowOf(id)).refusals >= 2)
    expect(await status(id)).toBe('pending')
    receiver.respond = answer(200)
    await until(() => isDone(id))
    expect(new Set(receiver.ids())).toEqual(new Set([id]))
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  })

  test('a redirect is not followed', async () => {
    const elsewhere = await open()
    const receiver = await open({ respond: answer(307, { location: elsewhere.webhook.url }) })
    const id = await enqueue(store, aTenant([receiver.webhook]))
    deliver(aTenant([receiver.webhook]))
    await until(async () => (await rowOf(id)).refusals >= 1)
    expect(elsewhere.received).toEqual([])
  })

  test('one receiver that fails does not make the other get an event twice', async () => {
    const [well, failing] = [await open(), await open({ respond: answer(500) })]
    const tenant = aTenant([well.webhook, failing.webhook])
    const id = await enqueue(store, tenant)
    deliver(tenant)
    await until(async () => (await status(id)) === 'failed')
    expect(well.ids()).toEqual([id])
  })

  test('a receiver that never answers keeps nobody else waiting', async () => {
    const [slow, fast] = [await open({ respond: silence }), await open()]
    const tenant = aTenant([slow.webhook, fast.webhook])
    const ids = await enqueueMany(store, tenant, 30)
    deliver(tenant, { stopMs: 0 })
    await until(() => fast.received.length === ids.length)
    expect(slow.received.length).toBeLessThan(ids.length)
  })

  test('a receiver that takes too long is a refusal', async () => {
    const receiver = await open({ respond: silence })
    const tenant = aTenant([receiver.webhook])
    const id = await enqueue(store, tenant)
    deliver(tenant, { sendMs: 50 })
    await until(async () => (await rowOf(id)).refusals >= 1)
    expect(await rowOf(id)).toMatchObject({ last_error: 'no answer in time' })
  })

  test('an answer without end is not read', async () => {
    const receiver = await open({
      respond: (response) => {
        response.writeHead(200)
        const writing = setInterval(() => response.write('x'.repeat(65_536)), 1)
        response.on('close', () => clearInterval(writing))
      },
    })
    const id = await enqueue(store, aTenant([receiver.webhook]))
    deliver(aTenant([receiver.webhook]))
    await until(() => isDone(id))
    expect(receiver.ids()).toEqual([id])
  })

  test('the next attempt comes later each time, on the clock that is given', async () => {
    const receiver = await open({ respond: answer(503) })
    const tenant = aTenant([receiver.webhook])
    let time = Date.now()
    const id = await enqueue(store, tenant, anUpgrade(), time)
    deliver(tenant, { now: () => time, firstRetryMs: 1_000, lastRetryMs: 3_600_000 })
    for (const [refusals, least, most] of [
      [1, 1_000, 2_000],
      [2, 2_000, 4_000],
      [3, 4_000, 8_000],
    ] as const) {
      await until(async () => (await rowOf(id)).refusals === refusals)
      const { next_attempt_at } = await rowOf(id)
      expect(next_attempt_at - time).toBeGreaterThanOrEqual(least)
      expect(next_attempt_at - time).toBeLessThanOrEqual(most)
      await sleep(60)
      expect(receiver.received).toHaveLength(refusals)
      time = next_attempt_at
    }
  })

  test('events of a webhook that is gone are kept, not sent, and told once', async () => {
    const receiver = await open()
    const kept = await enqueue(store, aTenant([{ ...receiver.webhook, url: `${receiver.webhook.url}?key=hidden` }]))
    const tenant = aTenant([receiver.webhook])
    const next = await enqueue(store, tenant)
    deliver(tenant)
    await until(() => isDone(next))
    await sleep(100)
    expect(receiver.ids()).toEqual([next])
    expect(await rowOf(kept)).toMatchObject({ attempts: 0, delivered_at: null })
    expect(logged.filter(({ message }) => message.includes('not configured any more'))).toEqual([
      { message: expect.any(String), fields: { event: { tenant: 'demo', receiver: receiver.webhook.url } } },
    ])
    expect(JSON.stringify(logged)).not.toContain('hidden')
  })

  test('waking delivers at once, also from inside the transaction that queued the event before', async () => {
    const receiver = await open()
    const tenant = aTenant([receiver.webhook])
    const delivery = deliver(tenant, { pollMs: 60_000 })
    await sleep(50)
    const id = await enqueue(store, tenant)
    await store.transaction(async () => delivery.wake())
    await until(() => isDone(id))
    expect(receiver.ids()).toEqual([id])
  })

  test('stopping waits for an answer that is on its way', async () => {
    const receiver = await open({ respond: (response) => void setTimeout(() => response.writeHead(200).end(), 100) })
    const tenant = aTenant([receiver.webhook])
    const id = await enqueue(store, tenant)
    const delivery = deliver(tenant)
    await until(() => receiver.received.length === 1)
    await delivery.stop()
    expect(await status(id)).toBe('done')
  })

  test('stopping gives back at once what a receiver does not answer', async () => {
    const receiver = await open({ respond: silence })
    const tenant = aTenant([receiver.webhook])
    const id = await enqueue(store, tenant)
    const delivery = deliver(tenant, { stopMs: 10 })
    await until(() => receiver.received.length === 1)
    await delivery.stop()
    expect(await rowOf(id)).toMatchObject({ claimed_until: null, refusals: 0, delivered_at: null })
    receiver.respond = answer(200)
    deliver(tenant, { node: neighbour })
    await until(() => isDone(id))
  })

  test('a database that is away is told once, and the worker still stops', async () => {
    const away = await openTestStore()
    await away.close()
    const delivery = deliver(aTenant([]), { node: away, pollMs: 5 })
    await sleep(100)
    await delivery.stop()
    expect(logged.map(({ message }) => message)).toEqual(['events wait for the database; it is tried again'])
  })
})
