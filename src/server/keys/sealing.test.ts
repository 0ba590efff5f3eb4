import { expect, test } from 'vitest'
import { createSealer, deriveKey } from './sealing.ts'

const [older, newer] = ['the older secret of thirty-two characters', 'the newer secret of thirty-two characters']
const text = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString()

test('what is sealed can be opened, and only read by opening it', () => {
  const sealer = createSealer([older], 'test')
  const sealed = sealer.seal('plain text')
  expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$/)
  expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').includes('plain text')).toBe(false)
  expect(text(sealer.open(sealed))).toBe('plain text')
  expect(sealer.seal('plain text')).not.toBe(sealed)
})

test('bytes and the empty text survive', () => {
  const sealer = createSealer([older], 'test')
  const bytes = Uint8Array.from([0, 255, 128])
  expect(sealer.open(sealer.seal(bytes))).toEqual(Buffer.from(bytes))
  expect(text(sealer.open(sealer.seal('')))).toBe('')
})

test('a change of any part is noticed', () => {
  const sealer = createSealer([older], 'test')
  const [version, id, body = ''] = sealer.seal('plain text').split('.')
  const bytes = Buffer.from(body, 'base64url')
  for (let index = 0; index < bytes.length; index++) {
    const changed = Buffer.from(bytes)
    changed[index] = (changed[index] ?? 0) ^ 1
    expect(sealer.open(`${version}.${id}.${changed.toString('base64url')}`)).toBeNull()
  }
})

test.each(['', 'v1', 'v1..', 'v1.00000000.AAAA', 'v2.00000000.AAAA', 'plain text', 'v1.x.y.z'])(
  '%j opens to nothing',
  (sealed) => {
    expect(createSealer([older], 'test').open(sealed)).toBeNull()
  },
)

test('a cut-off body opens to nothing', () => {
  const sealer = createSealer([older], 'test')
  const sealed = sealer.seal('plain text')
  for (const length of [0, 10, 20, 40]) expect(sealer.open(sealed.slice(0, 12 + length))).toBeNull()
})

test('what was sealed for one purpose or place does not open for another', () => {
  const sealed = createSealer([older], 'test').seal('plain text', 'demo')
  expect(createSealer([older], 'other').open(sealed, 'demo')).toBeNull()
  expect(createSealer([older], 'test').open(sealed, 'shop')).toBeNull()
  expect(createSealer([older], 'test').open(sealed)).toBeNull()
})

test('during a change of secrets both open, and the new one seals', () => {
  const [before, during, after] = [[older], [newer, older], [newer]].map((secrets) => createSealer(secrets, 'test'))
  const old = before?.seal('plain text') ?? ''
  expect(text(during?.open(old) ?? null)).toBe('plain text')
  expect(during?.isCurrent(old)).toBe(false)
  const fresh = during?.seal('plain text') ?? ''
  expect(during?.isCurrent(fresh)).toBe(true)
  expect(text(after?.open(fresh) ?? null)).toBe('plain text')
  expect(after?.open(old)).toBeNull()
  expect(before?.open(fresh)).toBeNull()
})

test('a sealer without a secret is refused', () => {
  expect(() => createSealer([], 'test')).toThrow(/at least one secret/)
})

test('keys for different purposes have nothing in common', () => {
  expect(deriveKey(older, 'one', 32)).toHaveLength(32)
  expect(deriveKey(older, 'one', 32)).toEqual(deriveKey(older, 'one', 32))
  expect(deriveKey(older, 'one', 32)).not.toEqual(deriveKey(older, 'two', 32))
  expect(deriveKey(older, 'one', 32)).not.toEqual(deriveKey(newer, 'one', 32))
})
