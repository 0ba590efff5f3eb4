import { expect, test } from 'vitest'
import { aStorage } from '../../test/a-browser.ts'
import { openAttempts } from './attempts.ts'

const record = (created: number) => JSON.stringify({ created })

test('a record can be taken once', () => {
  const attempts = openAttempts(aStorage(), 'p:')
  void attempts.set('s1', record(1))
  expect(attempts.claim('s1')).toBe(record(1))
  expect(attempts.claim('s1')).toBeNull()
})

test('each sign-in has its own record', async () => {
  const attempts = openAttempts(aStorage(), 'p:')
  await attempts.set('s1', record(1))
  await attempts.set('s2', record(2))
  expect(await attempts.getAllKeys()).toEqual(['s1', 's2'])
  expect(await attempts.get('s1')).toBe(record(1))
})

test('twenty are kept, the newest ones', async () => {
  const attempts = openAttempts(aStorage(), 'p:')
  for (let second = 1; second <= 25; second += 1) await attempts.set(`s${second}`, record(second))
  const kept = await attempts.getAllKeys()
  expect(kept).toHaveLength(20)
  expect(kept).not.toContain('s5')
  expect(kept).toContain('s25')
})

test('what is not a record is the first to go', async () => {
  const storage = aStorage()
  const attempts = openAttempts(storage, 'p:')
  storage.set('p:attempt.broken', '{')
  for (let second = 1; second <= 20; second += 1) await attempts.set(`s${second}`, record(second))
  expect(await attempts.getAllKeys()).not.toContain('broken')
})

test('where nothing outlives the page, a sign-in is not begun: its answer could not be read', async () => {
  const attempts = openAttempts({ ...aStorage(), set: () => false }, 'p:')
  await expect(attempts.set('s1', record(1))).rejects.toMatchObject({ code: 'storage-unavailable' })
})
