import { expect, test } from 'vitest'
import { someTokens } from '../../test/a-backend.ts'
import { createTokenCache } from './token-cache.ts'
import { toTokenSet } from './token-set.ts'

function aCache(mostEntries = 3) {
  const clock = { now: 0 }
  const cache = createTokenCache({ now: () => clock.now, mostEntries })
  const keep = (key: string, expiresIn = 600) => cache.keep(key, toTokenSet(someTokens({ expires_in: expiresIn }), 0))
  const found = (...keys: string[]) => keys.filter((key) => cache.find(key))
  return { cache, clock, keep, found }
}

test('full, it lets go of the oldest', () => {
  const { keep, found } = aCache()
  for (const key of ['a', 'b', 'c', 'd']) keep(key)
  expect(found('a', 'b', 'c', 'd')).toEqual(['b', 'c', 'd'])
})

test('full, it lets go of what has ended first', () => {
  const { keep, found, clock } = aCache()
  keep('a')
  keep('b', 10)
  keep('c')
  clock.now = 10_000
  keep('d')
  expect(found('a', 'b', 'c', 'd')).toEqual(['a', 'c', 'd'])
})

test('what is kept anew counts as new', () => {
  const { keep, found } = aCache()
  for (const key of ['a', 'b', 'c', 'a', 'd']) keep(key)
  expect(found('a', 'b', 'c', 'd')).toEqual(['a', 'c', 'd'])
})

test('a token without a life is never handed out', () => {
  const { keep, found } = aCache()
  keep('a', 0)
  expect(found('a')).toEqual([])
})
