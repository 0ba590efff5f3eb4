import { expect, test } from 'vitest'
import { backOffMs } from './back-off.ts'

const backOff = { firstMs: 1_000, lastMs: 3_600_000 }
const some = (refusals: number) => Array.from({ length: 200 }, () => backOffMs(refusals, backOff))

test.each([
  [1, 1_000, 2_000],
  [2, 2_000, 4_000],
  [5, 16_000, 32_000],
  [11, 1_024_000, 2_048_000],
  [12, 1_800_000, 3_600_000],
  [1_000_000, 1_800_000, 3_600_000],
])('after %i refusals it waits between %i and %i ms', (refusals, least, most) => {
  expect(Math.min(...some(refusals))).toBeGreaterThanOrEqual(least)
  expect(Math.max(...some(refusals))).toBeLessThanOrEqual(most)
})

test('not everybody waits for the same time', () => {
  expect(new Set(some(8)).size).toBeGreaterThan(50)
})
