import { expect, test } from 'vitest'
import { readReturnTo } from './return-to.ts'

const page = new URL('https://shop.example/account/orders?page=2')

test.each([
  ['/products/kettle?color=red#reviews', '/products/kettle?color=red#reviews'],
  ['https://shop.example/products/mug', '/products/mug'],
  ['?page=3', '/account/orders?page=3'],
  ['#top', '/account/orders?page=2#top'],
  ['details', '/account/details'],
  ['/', '/'],
  ['https:details', '/account/details'],
  ['/path//with//slashes', '/path//with//slashes'],
])('%s ends on this origin', (given, expected) => {
  expect(readReturnTo(given, page)).toBe(expected)
})

test.each([
  '//evil.example',
  '//evil.example/products',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  'https://evil.example',
  'https://shop.example.evil.example/',
  'https://shop.example@evil.example/',
  'https://ada:secret@shop.example/',
  'http://shop.example/',
  'https://shop.example:8443/',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'blob:https://shop.example/1',
  'file:///etc/passwd',
  'http://[broken',
  '',
  undefined,
  null,
  42,
  { toString: () => '/x' },
])('%j leads away, so it counts as nothing given', (given) => {
  expect(readReturnTo(given, page)).toBeUndefined()
})
