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
  [3_600, 'in 60 minutes'],
  [7_201, 'in 3 hours'],
  [86_400, 'in 24 hours'],
])('after %s seconds to wait, a person reads "%s"', (retryAfterSeconds, words) => {
  const error = {
    code: 'too-many-attempts' as const,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
  expect(errorText(error).replaceAll('\u00a0', ' ')).toContain(`Try again ${words}.`)
})

test('who has to wait for long is told what may work sooner', () => {
  const text = (retryAfterSeconds: number) => errorText({ code: 'too-many-attempts', retryAfterSeconds })
  expect(text(3_600)).toContain('browser you’ve signed in with before')
  expect(text(120)).not.toContain('browser')
})

test('what went wrong at another provider names it and the way on', () => {
  const codes = StepError.shape.code.options.filter((code) => code.startsWith('upstream-'))
  expect(codes.length).toBeGreaterThan(5)
  const texts = codes.map((code) => errorText({ code, upstream: 'Acme' }))
  expect(new Set(texts).size).toBe(codes.length)
  for (const text of texts) expect(text).toMatch(/[Tt]ry again|[Ss]ign in|Ask/)
})
