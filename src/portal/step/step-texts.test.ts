import { expect, test } from 'vitest'
import { errorText } from './step-texts.ts'

test('a wrong sign-in is not told apart: neither half is said to be right', () => {
  expect(errorText({ code: 'wrong-credentials' })).toMatch(/username and password/)
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
