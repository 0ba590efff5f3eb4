import { expect, test } from 'vitest'
import { aBackend, refused, someTokens } from '../../test/a-backend.ts'

const minutes = (count: number) => count * 60_000

/** An issuer that answers when the test says so, unless the request is ended before. */
function aHeldAnswer() {
  let answer: (response: Response) => void = () => undefined
  const held = ({ signal }: { signal: AbortSignal }) =>
    new Promise<Response>((resolve, reject) => {
      answer = resolve
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  return { held, answer: () => answer(Response.json(someTokens())) }
}

test('a token is asked for once and handed out until five minutes before its end', async () => {
  const { backend, sent, clock } = aBackend()
  expect(await backend.clientCredentials({ scope: ['a'] })).toMatchObject({ accessToken: 'access-1', expiresIn: 600 })
  clock.now += minutes(5) - 1
  expect(await backend.clientCredentials({ scope: ['a'] })).toMatchObject({ accessToken: 'access-1', expiresIn: 300 })
  expect(sent).toHaveLength(1)
  clock.now += 1
  expect((await backend.clientCredentials({ scope: ['a'] })).accessToken).toBe('access-2')
})

test('a token that lives shorter is handed out for half its life', async () => {
  const { backend, clock } = aBackend(Response.json(someTokens({ expires_in: 60 })))
  await backend.memberToken({ memberId: 1 })
  clock.now += 29_999
  expect(await backend.memberToken({ memberId: 1 })).toMatchObject({ accessToken: 'access-1', expiresIn: 30 })
  clock.now += 1
  expect(await backend.memberToken({ memberId: 1 })).not.toMatchObject({ expiresIn: 30 })
})

test('what differs is asked for by itself: person, kind of identifier, scope', async () => {
  const { backend, sent } = aBackend()
  const tokens = [
    await backend.memberToken({ memberId: 1 }),
    await backend.memberToken({ memberId: 2 }),
    await backend.memberToken({ ssoId: '1' }),
    await backend.memberToken({ memberId: 1, scope: ['Shopper'] }),
    await backend.memberToken({ memberId: 1, scope: ['Shopper', 'MeAdmin'] }),
    await backend.clientCredentials(),
    await backend.clientCredentials({ scope: ['Shopper'] }),
  ]
  expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(7)
  expect(sent).toHaveLength(7)
})

test('what is the same is asked for once, however it is written', async () => {
  const { backend, sent } = aBackend()
  await backend.memberToken({ email: 'Ada@Demo.test', scope: ['a', 'b'] })
  await backend.memberToken({ email: ' ada@demo.test', scope: ['b', 'a', 'b'] })
  await backend.memberToken({ memberId: 1, scope: [] })
  await backend.memberToken({ memberId: '1' })
  expect(sent).toHaveLength(2)
})

test('fifty who ask at once make one request, and one of them gets the refresh token', async () => {
  const { backend, sent } = aBackend()
  const tokens = await Promise.all(Array.from({ length: 50 }, () => backend.memberToken({ memberId: 1 })))
  expect(sent).toHaveLength(1)
  expect(new Set(tokens.map(({ accessToken }) => accessToken))).toEqual(new Set(['access-1']))
  expect(tokens.filter(({ refreshToken }) => refreshToken !== undefined)).toHaveLength(1)
})

test('a refresh token is handed out with its own request and never again', async () => {
  const { backend } = aBackend()
  expect((await backend.memberToken({ memberId: 1 })).refreshToken).toBe('refresh-1')
  const kept = await backend.memberToken({ memberId: 1 })
  expect(Object.keys(kept).filter((name) => name.startsWith('refresh'))).toEqual([])
})

test('without the cache each has tokens of their own, and leaves none behind', async () => {
  const { backend, sent } = aBackend()
  const own = () => backend.memberToken({ memberId: 1, cache: false })
  expect((await Promise.all([own(), own()])).map(({ refreshToken }) => refreshToken)).toEqual([
    'refresh-1',
    'refresh-1',
  ])
  await backend.memberToken({ memberId: 1 })
  expect(sent).toHaveLength(3)
})

test('a token that takes a guest along is never shared', async () => {
  const { backend, sent } = aBackend()
  const upgrade = () => backend.memberToken({ memberId: 1, guestToken: 'g' })
  await Promise.all([upgrade(), upgrade()])
  await backend.memberToken({ memberId: 1 })
  expect(sent).toHaveLength(3)
})

test('one caller who leaves ends nothing for the others', async () => {
  const { held, answer } = aHeldAnswer()
  const { backend, sent } = aBackend(held)
  const controller = new AbortController()
  const first = backend.memberToken({ memberId: 1 }, { signal: controller.signal, label: 'first' })
  const second = backend.memberToken({ memberId: 1 })
  await expect.poll(() => sent.length).toBe(1)
  controller.abort()
  await expect(first).rejects.toMatchObject({ name: 'AbortError' })
  answer()
  expect((await second).accessToken).toBe('access-1')
  expect(sent).toHaveLength(1)
})

test('one caller in a hurry ends nothing for the others', async () => {
  const { held, answer } = aHeldAnswer()
  const { backend, sent } = aBackend(held)
  const hasty = backend.memberToken({ memberId: 1 }, { timeoutMs: 50 })
  const patient = backend.memberToken({ memberId: 1 })
  await expect(hasty).rejects.toMatchObject({ code: 'timeout' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  answer()
  expect((await patient).accessToken).toBe('access-1')
  expect(sent).toHaveLength(1)
})

test('a failure is told to each who waits, under their own label, and is not kept', async () => {
  const { backend, sent } = aBackend(refused('invalid_grant'))
  const labels = ['one', 'two', undefined]
  const calls = labels.map((label) => backend.memberToken({ memberId: 1 }, label === undefined ? {} : { label }))
  const errors = await Promise.all(calls.map((call) => call.catch((error) => error)))
  expect(errors.map(({ code, label }) => [code, label])).toEqual(labels.map((label) => ['member-unknown', label]))
  await backend.memberToken({ memberId: 1 })
  expect(sent).toHaveLength(2)
})

test('a token that is revoked is not handed out again', async () => {
  const { backend, sent } = aBackend(Response.json(someTokens()), new Response(''))
  const { refreshToken = '' } = await backend.memberToken({ memberId: 1 })
  await backend.revoke(refreshToken)
  await backend.memberToken({ memberId: 1 })
  expect(sent.map(({ path }) => path)).toEqual(['/token', '/revoke', '/token'])
})
