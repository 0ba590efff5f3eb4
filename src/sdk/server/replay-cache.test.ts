import { expect, test } from 'vitest'
import { createReplayCache } from './replay-cache.ts'

function aCache(mostEntries = 3) {
  const clock = { now: 0 }
  return { clock, cache: createReplayCache({ lifetimeMs: 1000, mostEntries, now: () => clock.now }) }
}

test('a value counts once until its time is over', () => {
  const { cache, clock } = aCache()
  expect(cache.add('a')).toBe(true)
  clock.now = 999
  expect(cache.add('a')).toBe(false)
  clock.now = 1000
  expect(cache.add('a')).toBe(true)
})

test('full, it forgets the oldest and keeps the rest', () => {
  const { cache } = aCache()
  for (const value of ['a', 'b', 'c', 'd']) expect(cache.add(value)).toBe(true)
  expect(cache.add('d')).toBe(false)
  expect(cache.add('c')).toBe(false)
  expect(cache.add('a')).toBe(true)
})
