import { expect, test } from 'vitest'
import { embedJson, escapeHtml, fillTemplate, languageOf, type TemplateValues } from './document.ts'
import { aSignInPage } from './page/a-page.ts'

const values: TemplateValues = {
  lang: 'en',
  theme: 'auto',
  colorScheme: 'light dark',
  title: 'Sign in',
  nonce: 'n',
  app: '<p></p>',
  state: '{}',
}

test('every place of the template is filled, as often as it occurs', () => {
  expect(fillTemplate('<a nonce="{{nonce}}"><b nonce="{{nonce}}">{{title}}', values)).toBe(
    '<a nonce="n"><b nonce="n">Sign in',
  )
})

test('a value that looks like a place, or like a pattern of String.replace, stays as it is', () => {
  expect(fillTemplate('{{title}}|{{nonce}}', { ...values, title: "{{nonce}} $& $'" })).toBe("{{nonce}} $& $'|n")
})

test('a place nobody fills in is an error, not a hole in the page', () => {
  expect(() => fillTemplate('{{surprise}}', values)).toThrow('{{surprise}}')
})

test('embedded state can neither end its element nor open a comment, and reads back the same', () => {
  const state = aSignInPage({ username: '</script><!--<script>\u2028\u2029' })
  const embedded = embedJson(state)
  expect(embedded).not.toMatch(/[<\u2028\u2029]/)
  expect(JSON.parse(embedded)).toEqual(state)
})

test('text can end neither an element nor a quoted attribute', () => {
  expect(escapeHtml(`<b title="a" id='b'>&`)).not.toMatch(/[<>"']|&(?!#\d+;)/)
})

test('a page says the language it is written in, not the one it was asked for in vain', () => {
  expect([languageOf('en-GB'), languageOf('ar'), languageOf('')]).toEqual(['en-GB', 'en', 'en'])
})
