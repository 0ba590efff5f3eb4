import { expect, it } from 'vitest'
import { randomBytes } from './random-bytes.ts'

it('gives as many bytes as were asked for, and none of them twice', () => {
  const given = Array.from({ length: 2000 }, () => randomBytes(32))
  expect(new Set(given.map((bytes) => bytes.toString('hex'))).size).toBe(2000)
  for (const bytes of given) expect(bytes).toHaveLength(32)
})

it('gives bytes that later ones leave alone', () => {
  const first = randomBytes(1000)
  const before = first.toString('hex')
  for (let turn = 0; turn < 20; turn++) randomBytes(1000)
  expect(first.toString('hex')).toBe(before)
})

it('spreads evenly: no bit stands still', () => {
  const counts = new Array<number>(256).fill(0)
  for (let turn = 0; turn < 4000; turn++) for (const byte of randomBytes(16)) counts[byte] = (counts[byte] ?? 0) + 1
  for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(120)
})

it('gives no more than it holds', () => {
  expect(() => randomBytes(4097)).toThrow(RangeError)
  expect(randomBytes(4096)).toHaveLength(4096)
})
