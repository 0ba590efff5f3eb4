import { expect, test } from 'vitest'
import { isWebAddress } from './web-address.ts'

test.each(['https://catalog.test/', 'http://localhost:3001/', '/demo/authorize/abc'])(
  '%s can be followed',
  (address) => {
    expect(isWebAddress(address)).toBe(true)
  },
)

test.each([
  'javascript:alert(1)',
  ' JavaScript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'blob:x',
  'file:///x',
  'http://[',
])('%j can not be followed', (address) => {
  expect(isWebAddress(address)).toBe(false)
})
