import { expect, test } from 'vitest'
import { aBackend, refused } from '../../test/a-backend.ts'

type Backend = ReturnType<typeof aBackend>['backend']
const failed = () => new TypeError('fetch failed')
const busy = (seconds = '2') => refused('temporarily_unavailable', 503, { 'retry-after': seconds })

const repeatable: [string, (backend: Backend) => Promise<unknown>][] = [
  ['clientCredentials', (b) => b.clientCredentials()],
  ['memberToken', (b) => b.memberToken({ memberId: 1001 })],
  ['refresh', (b) => b.refresh({ refreshToken: 'r' })],
]

test.each(repeatable)('%s survives two lost connections, waiting a little longer each time', async (_name, call) => {
  const { backend, sent, pauses } = aBackend(failed(), failed())
  await call(backend)
  expect(sent).toHaveLength(3)
  expect(pauses[0]).toBeGreaterThanOrEqual(250)
  expect(pauses[1]).toBeGreaterThanOrEqual(500)
  expect(pauses[1]).toBeLessThan(1_001)
})

test.each(repeatable)('%s gives up after three', async (_name, call) => {
  const { backend, sent } = aBackend(failed(), failed(), failed())
  await expect(call(backend)).rejects.toMatchObject({ code: 'network' })
  expect(sent).toHaveLength(3)
})

test('an issuer that says when to come back is asked again then', async () => {
  const { backend, sent, pauses } = aBackend(busy('2'), busy('0'))
  await backend.refresh({ refreshToken: 'r' })
  expect(sent).toHaveLength(3)
  expect(pauses).toEqual([2_000, 0])
})

test.each([
  ['wants more than five seconds', busy('6')],
  ['does not say when', refused('temporarily_unavailable', 503)],
  ['fails in another way', refused('server_error', 500, { 'retry-after': '1' })],
  ['has had enough', refused('slow_down', 429, { 'retry-after': '1' })],
  ['refuses', refused('invalid_grant')],
])('an issuer that %s is not asked again', async (_name, answer) => {
  const { backend, sent } = aBackend(answer)
  await expect(backend.refresh({ refreshToken: 'r' })).rejects.toMatchObject({ name: 'AuthError' })
  expect(sent).toHaveLength(1)
})

test('a pause that would outlast the call is not begun: the failure is what is told', async () => {
  const { backend, sent, pauses } = aBackend(busy('3'))
  const call = backend.refresh({ refreshToken: 'r' }, { timeoutMs: 2_000 })
  await expect(call).rejects.toMatchObject({ code: 'server', status: 503, retryAfterSeconds: 3 })
  expect([sent.length, pauses]).toEqual([1, []])
})

test.each<[string, (backend: Backend) => Promise<unknown>]>([
  ['a sign-in by password', (b) => b.elevatedLogin({ username: 'ada', password: 'p' })],
  ['a token that takes a guest along', (b) => b.memberToken({ memberId: 1001, guestToken: 'g' })],
])('%s is sent once, whatever happens', async (_name, call) => {
  for (const answer of [failed(), busy()]) {
    const { backend, sent } = aBackend(answer)
    await expect(call(backend)).rejects.toMatchObject({ retryable: true })
    expect(sent).toHaveLength(1)
  }
})
