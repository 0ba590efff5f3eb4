import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashArgon2 } from './argon2.ts'
import { PasswordQueueFull } from './bounded-queue.ts'
import { createPasswordHasher } from './password-hasher.ts'

const hasher = createPasswordHasher()
const yes = { ok: true, rehash: false }
const no = { ok: false, rehash: false }

test('a hash is Argon2id at 19 MiB, two passes, one lane, with a salt of its own', async () => {
  const [first, second] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')])
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(first).not.toBe(second)
  expect(await hasher.verify(first, 'correct horse')).toEqual(yes)
  expect(await hasher.verify(first, 'wrong horse')).toEqual(no)
})

test.each([71, 72, 73, 200, 1_000, 4_000])('of %i bytes the last one counts', async (length) => {
  const start = 'x'.repeat(length - 1)
  const hash = await hasher.hash(`${start}a`)
  expect(await hasher.verify(hash, `${start}a`)).toEqual(yes)
  expect(await hasher.verify(hash, `${start}b`)).toEqual(no)
  expect(await hasher.verify(hash, start)).toEqual(no)
})

test('spaces, case and every script count exactly as typed', async () => {
  const hash = await hasher.hash(' Größe 密码 🔑 ')
  expect(await hasher.verify(hash, ' Größe 密码 🔑 ')).toEqual(yes)
  for (const other of ['Größe 密码 🔑', ' größe 密码 🔑 ', ' Grösse 密码 🔑 ', ' Größe 密码 🔐 ']) {
    expect(await hasher.verify(hash, other)).toEqual(no)
  }
})

test('one letter typed as one code point or as two is the same (RFC 8265 section 4.2.2)', async () => {
  const hash = await hasher.hash('caf\u00e9')
  expect(await hasher.verify(hash, 'cafe\u0301')).toEqual(yes)
})

test('an empty password fits nothing but itself', async () => {
  expect(await hasher.verify(await hasher.hash('something'), '')).toEqual(no)
})

test('nobody’s password is refused after as much work as a wrong one', async () => {
  const hash = await hasher.hash('correct horse')
  const [known, unknown]: [number[], number[]] = [[], []]
  for (let round = 0; round < 9; round++) {
    known.push(await millisecondsOf(() => hasher.verify(hash, 'wrong')))
    unknown.push(await millisecondsOf(() => hasher.verify(null, 'wrong')))
  }
  expect(await hasher.verify(null, 'wrong')).toEqual(no)
  const ratio = median(unknown) / median(known)
  expect(ratio).toBeGreaterThan(0.5)
  expect(ratio).toBeLessThan(2)
})

test('a weaker hash still fits, and asks to be replaced', async () => {
  const weak = await hashArgon2('correct horse', { memoryKiB: 8_192, passes: 1, lanes: 1 })
  expect(await hasher.verify(weak, 'correct horse')).toEqual({ ok: true, rehash: true })
  expect(await hasher.verify(weak, 'wrong')).toEqual(no)
  const strong = await hashArgon2('correct horse', { memoryKiB: 32_768, passes: 3, lanes: 1 })
  expect(await hasher.verify(strong, 'correct horse')).toEqual(yes)
})

test('a stored text that is no hash fits nothing', async () => {
  for (const broken of [
    '',
    'plain',
    '$argon2id$v=19$m=19456,t=2,p=1$',
    '$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHQ$dGFndGFndGFndGFn',
  ]) {
    expect(await hasher.verify(broken, 'plain')).toEqual(no)
  }
})

test('work beyond the queue is refused at once, and the rest is done', async () => {
  const small = createPasswordHasher({ concurrency: 1, maxQueued: 2 })
  const asked = Array.from({ length: 6 }, () => small.verify(null, 'x'))
  expect(small.stats()).toEqual({ running: 1, queued: 2 })
  const settled = await Promise.allSettled(asked)
  expect(settled.filter((result) => result.status === 'fulfilled')).toHaveLength(3)
  for (const result of settled) {
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(PasswordQueueFull)
  }
  expect(small.stats()).toEqual({ running: 0, queued: 0 })
  expect(await small.verify(null, 'x')).toEqual(no)
})

test('a hash that cannot be computed frees its place', async () => {
  const impossible = createPasswordHasher({ concurrency: 1, maxQueued: 1, cost: { memoryKiB: 0, passes: 0, lanes: 0 } })
  await expect(impossible.hash('x')).rejects.toThrow()
  expect(impossible.stats()).toEqual({ running: 0, queued: 0 })
})

test('random bytes as a password keep all their bits', async () => {
  const password = randomBytes(48).toString('base64')
  const hash = await hasher.hash(password)
  expect(await hasher.verify(hash, password)).toEqual(yes)
  expect(await hasher.verify(hash, password.toLowerCase())).toEqual(no)
})

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
