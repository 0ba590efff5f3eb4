import { expect, test } from 'vitest'
import { StepError } from '../../contract/page-state.ts'
import { errorText } from './step-texts.ts'

test('a wrong sign-in is not told apart: neither half is said to be right', () => {
  expect(errorText({ code: 'wrong-credentials' })).toMatch(/username and password/)
})

test('a disabled account is told to be one', () => {
  expect(errorText({ code: 'account-disabled' })).toMatch(/account is disabled/)
})

test.each([
  [undefined, 'in a little while'],
  [5, 'in a minute'],
  [61, 'in 2 minutes'],
  [600, 'in 10 minutes'],
])('after %s seconds to wait, a person reads "%s"', (retryAfterSeconds, words) => {
  const error = {
    code: 'too-many-attempts' as const,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
  expect(errorText(error)).toContain(`Try again ${words}.`)
})

test('what went wrong at another provider names it and the way on', () => {
  const codes = StepError.shape.code.options.filter((code) => code.startsWith('upstream-'))
  expect(codes.length).toBeGreaterThan(5)
  const texts = codes.map((code) => errorText({ code, upstream: 'Acme' }))
  expect(new Set(texts).size).toBe(codes.length)
  for (const text of texts) expect(text).toMatch(/[Tt]ry again|[Ss]ign in|Ask/)
})
