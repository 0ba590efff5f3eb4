import { expect, test } from 'vitest'
import { aBackend, refused } from '../../test/a-backend.ts'

/** An issuer that never answers, and hears when nobody waits any more. */
const never = ({ signal }: { signal: AbortSignal }) =>
  new Promise<Response>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })

test('a signal ends the call as it ends a fetch, and the request with it', async () => {
  const { backend, sent } = aBackend(never)
  const controller = new AbortController()
  const call = backend.refresh({ refreshToken: 'r' }, { signal: controller.signal })
  await expect.poll(() => sent.length).toBe(1)
  controller.abort()
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  expect(sent[0]?.signal.aborted).toBe(true)
})

test('a signal’s own reason is what the call rejects with', async () => {
  const { backend } = aBackend(never)
  const reason = new Error('the visitor has left')
  const controller = new AbortController()
  const call = backend.validate('t', { signal: controller.signal })
  controller.abort(reason)
  await expect(call).rejects.toBe(reason)
})

test('a signal that has ended before ends the call before anything is sent', async () => {
  const { backend, sent } = aBackend()
  await expect(backend.revoke('t', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(sent).toEqual([])
})

test('the time limit ends the call and says so', async () => {
  const { backend, sent } = aBackend(never)
  const call = backend.elevatedLogin({ username: 'ada', password: 'p' }, { timeoutMs: 20, label: 'checkout' })
  const expected = { name: 'AuthError', code: 'timeout', retryable: true, action: 'retry', label: 'checkout' }
  await expect(call).rejects.toMatchObject(expected)
  expect(sent[0]?.signal.aborted).toBe(true)
})

test('the time limit also ends a body that never comes to its end', async () => {
  const endless = ({ signal }: { signal: AbortSignal }) => {
    const body = new ReadableStream({
      start(stream) {
        signal.addEventListener('abort', () => stream.error(signal.reason))
      },
    })
    return new Response(body)
  }
  const { backend } = aBackend(endless)
  await expect(backend.validate('t', { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' })
})

test('a connection that breaks in the middle of an answer is the network’s failure', async () => {
  const broken = () =>
    new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError('terminated')) }))
  const { backend } = aBackend(broken)
  await expect(backend.elevatedLogin({ username: 'ada', password: 'p' })).rejects.toMatchObject({ code: 'network' })
})

test('a label is sent along and named in the error; without one neither is', async () => {
  const { backend, sent } = aBackend(refused('invalid_grant'), refused('invalid_grant'))
  const labelled = backend.refresh({ refreshToken: 'r' }, { label: 'orders/nightly#3' })
  await expect(labelled).rejects.toMatchObject({ label: 'orders/nightly#3' })
  await expect(backend.refresh({ refreshToken: 'r' })).rejects.toMatchObject({ label: undefined })
  expect(sent.map(({ headers }) => headers.get('x-request-label'))).toEqual(['orders/nightly#3', null])
})

test('a call that is over leaves nothing on the signal it was given', async () => {
  const { backend } = aBackend()
  const { signal } = new AbortController()
  let listeners = 0
  signal.addEventListener = new Proxy(signal.addEventListener, {
    apply: (add, self, given) => {
      listeners += 1
      return Reflect.apply(add, self, given)
    },
  })
  signal.removeEventListener = new Proxy(signal.removeEventListener, {
    apply: (remove, self, given) => {
      listeners -= 1
      return Reflect.apply(remove, self, given)
    },
  })
  await backend.refresh({ refreshToken: 'r' }, { signal })
  expect(listeners).toBe(0)
})
