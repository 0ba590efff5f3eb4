import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ProblemCode, type ProblemPage as State } from '../../contract/page-state.ts'
import { aProblemPage } from '../page/a-page.ts'
import { ProblemPage } from './problem-page.tsx'
import { type Problem, problems } from './problems.ts'

const draw = (state: State) => renderToStaticMarkup(createElement(ProblemPage, { state }))
const client = { name: 'Catalog', uri: 'https://catalog.test/' }

test('the table knows every code and no other', () => {
  expectTypeOf(problems).toEqualTypeOf<Record<ProblemCode, Problem>>()
  expect(Object.keys(problems).sort()).toEqual([...ProblemCode.options].sort())
})

describe.each(ProblemCode.options)('%s', (problem) => {
  const { title, text, restart, otherwise } = problems[problem]

  test('says what happened and what to quote', () => {
    const html = draw(aProblemPage({ problem }))
    for (const part of [title, text, 'request-1']) expect(html).toContain(part)
  })

  test('starts the request again where the server still knows it', () => {
    expect(draw(aProblemPage({ problem, restart: '/demo/restart?x=1' }))).toContain(`href="/demo/restart?x=1"`)
    expect(draw(aProblemPage({ problem, restart: '/demo/restart' }))).toContain(restart)
  })

  test('leads back to the app where it is known', () => {
    expect(draw(aProblemPage({ problem, client }))).toContain('href="https://catalog.test/"')
  })

  test('is no dead end where neither is known', () => {
    expect(draw(aProblemPage({ problem }))).toContain(otherwise)
  })
})

test('the way back to the app comes second where the request can be started again', () => {
  const html = draw(aProblemPage({ restart: '/demo/restart', client }))
  expect(html.indexOf('/demo/restart')).toBeLessThan(html.indexOf('catalog.test'))
})
