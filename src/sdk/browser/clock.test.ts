import { expect, test } from 'vitest'
import { createClock } from './clock.ts'

const device = 1_800_000_000_000
const dateOf = (ms: number) => new Date(ms).toUTCString()

test('learns how far the issuer is ahead', () => {
  const clock = createClock(() => device)
  clock.learn(dateOf(device + 3_600_000), device - 200)
  expect(Math.abs(clock.now() - (device + 3_600_000))).toBeLessThan(1000)
})

test('small differences are the header’s whole seconds', () => {
  const clock = createClock(() => device)
  clock.learn(dateOf(device + 1500), device)
  expect(clock.offsetMs).toBe(0)
})

test('an answer without a Date, with nonsense, or after a long wait teaches nothing', () => {
  const clock = createClock(() => device)
  clock.setOffset(5000)
  clock.learn(null, device)
  clock.learn('yesterday', device)
  clock.learn(dateOf(device + 60_000), device - 20_000)
  clock.learn(dateOf(device + 60_000), device + 1)
  expect(clock.offsetMs).toBe(5000)
})
