import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { remembered } from './remembered.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Something to load that says how often it was asked, and fails when told to. */
function aSource() {
  const source = { isAway: false, asked: 0 }
  const get = remembered(async () => {
    source.asked++
    await new Promise(setImmediate)
    if (source.isAway) throw new Error('away')
    return source.asked
  })
  return { source, get }
}

const wait = (seconds: number) => void vi.setSystemTime(Date.now() + seconds * 1000)

test('nothing is loaded before it is needed, and then once for all who ask', async () => {
  const { source, get } = aSource()
  expect(source.asked).toBe(0)
  expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1])
  expect(await get()).toBe(1)
})

test('it is loaded again after ten minutes', async () => {
  const { get } = aSource()
  await get()
  wait(599)
  expect(await get()).toBe(1)
  wait(2)
  expect(await get()).toBe(2)
})

test('what can’t be loaded again serves for a day', async () => {
  const { source, get } = aSource()
  await get()
  source.isAway = true
  wait(86_000)
  expect(await get()).toBe(1)
  // Not tried again at once.
  expect(await get()).toBe(1)
  expect(source.asked).toBe(2)
  wait(600)
  await expect(get()).rejects.toThrow('away')
})

test('a failure is told to all who ask within five seconds, then it is tried again', async () => {
  const { source, get } = aSource()
  source.isAway = true
  const both = await Promise.allSettled([get(), get()])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(get()).rejects.toThrow('away')
  expect(source.asked).toBe(1)
  source.isAway = false
  wait(6)
  expect(await get()).toBe(2)
})

test('a clock that is set back keeps nothing for ever', async () => {
  const { get } = aSource()
  await get()
  wait(-86_400)
  expect(await get()).toBe(2)
})
