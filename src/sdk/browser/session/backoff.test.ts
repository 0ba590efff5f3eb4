import { expect, test } from 'vitest'
import { AuthError } from '../../wire/auth-error.ts'
import { pauseAfter } from './backoff.ts'

const failing = new AuthError('server')
const busy = new AuthError('rate-limited', { retryAfterSeconds: 90 })

test('pauses double up to a minute', () => {
  const pauses = [1, 2, 3, 7, 50].map((failures) => pauseAfter(failing, failures, () => 0).timerMs)
  expect(pauses).toEqual([1_000, 2_000, 4_000, 60_000, 60_000])
})

test('browsers that failed together do not come back together', () => {
  expect(pauseAfter(failing, 1, () => 1)).toEqual({ timerMs: 1_300, demandMs: 1_300 })
})

test('what the issuer asks for is the least', () => {
  expect(pauseAfter(busy, 1, () => 0)).toEqual({ timerMs: 90_000, demandMs: 90_000 })
})
