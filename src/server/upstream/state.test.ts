import { expect, test } from 'vitest'
import { interactionIdOf, makeState, providerNameOf } from './state.ts'

test('a state of ours names its provider and its interaction, and is never made twice', () => {
  const id = 'V1StGXR8_Z5jdHi6B--yT'
  const [one, two] = [makeState('acme-eu', id), makeState('acme-eu', id)]
  expect([providerNameOf(one), interactionIdOf(one)]).toEqual(['acme-eu', id])
  expect(one).not.toBe(two)
})

test.each([
  ['acme--x1y2', 'acme'],
  ['acme-eu--a--b', 'acme-eu'],
  ['random', undefined],
  ['--random', undefined],
  ['', undefined],
])('the state %j names the provider %j', (state, name) => {
  expect(providerNameOf(state)).toBe(name)
})

test.each(['acme--x1y2', 'acme--V1StGXR8_Z5jdHi6B-myT', 'acme--../../x.y', ''])('%j names no interaction', (state) => {
  expect(interactionIdOf(state)).toBeUndefined()
})
