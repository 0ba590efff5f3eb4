import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AuthError } from '../../wire/auth-error.ts'
import { createRenewer } from './renewer.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function aRenewer({ isHidden = () => false }: { isHidden?: () => boolean } = {}) {
  const outcomes: (() => string)[] = []
  const seen = { runs: 0, running: [] as boolean[] }
  const work = async () => {
    seen.runs += 1
    return outcomes.shift()?.() ?? 'token'
  }
  const renewer = createRenewer({ work, isHidden, onRunning: (isRunning) => seen.running.push(isRunning) })
  const failWith = (error: unknown) =>
    outcomes.push(() => {
      throw error
    })
  return { renewer, seen, failWith }
}

test('calls at the same time share one run', async () => {
  const { renewer, seen } = aRenewer()
  expect(await Promise.all([renewer.run(), renewer.run(), renewer.run()])).toEqual(['token', 'token', 'token'])
  expect(seen).toEqual({ runs: 1, running: [true, false] })
})

test('a plan runs when its time has come, and only the last one', async () => {
  const { renewer, seen } = aRenewer()
  renewer.planIn(1000)
  renewer.planIn(5000)
  await vi.advanceTimersByTimeAsync(4999)
  expect(seen.runs).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(seen.runs).toBe(1)
})

test('a plan missed in sleep or in the background runs when caught up with', async () => {
  let isHidden = true
  const { renewer, seen } = aRenewer({ isHidden: () => isHidden })
  renewer.planIn(1000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(seen.runs).toBe(0)
  isHidden = false
  renewer.catchUp()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen.runs).toBe(1)
})

test('failures are tried again by the clock after pauses that double', async () => {
  const { renewer, seen, failWith } = aRenewer()
  for (let time = 0; time < 3; time += 1) failWith(new AuthError('network'))
  await expect(renewer.run()).rejects.toMatchObject({ code: 'network' })
  await vi.advanceTimersByTimeAsync(1400)
  expect(seen.runs).toBe(2)
  await vi.advanceTimersByTimeAsync(1500)
  expect(seen.runs).toBe(2)
  await vi.advanceTimersByTimeAsync(1100)
  expect(seen.runs).toBe(3)
})

test('in a pause a call fails with what failed last, without a request', async () => {
  const { renewer, seen, failWith } = aRenewer()
  failWith(new AuthError('rate-limited', { retryAfterSeconds: 30 }))
  await expect(renewer.run()).rejects.toMatchObject({ code: 'rate-limited' })
  await vi.advanceTimersByTimeAsync(29_000)
  await expect(renewer.run()).rejects.toMatchObject({ code: 'rate-limited' })
  expect(seen.runs).toBe(1)
})

test('being online again ends a pause', async () => {
  const { renewer, seen, failWith } = aRenewer()
  failWith(new AuthError('network'))
  await expect(renewer.run()).rejects.toThrow()
  renewer.forgive()
  expect(await renewer.run()).toBe('token')
  expect(seen.runs).toBe(2)
})

test('what trying again does not change is not tried again', async () => {
  const { renewer, seen, failWith } = aRenewer()
  failWith(new AuthError('session-ended'))
  await expect(renewer.run()).rejects.toMatchObject({ code: 'session-ended' })
  await vi.advanceTimersByTimeAsync(600_000)
  expect(seen.runs).toBe(1)
})

test('an error nobody expected counts as a failing issuer', async () => {
  const { renewer, failWith } = aRenewer()
  failWith(new RangeError('surprise'))
  await expect(renewer.run()).rejects.toMatchObject({ code: 'server', retryable: true })
})

test('after a reset nothing is planned', async () => {
  const { renewer, seen } = aRenewer()
  renewer.planIn(1000)
  renewer.reset()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(seen.runs).toBe(0)
})
