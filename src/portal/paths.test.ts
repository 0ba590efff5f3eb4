import { matchPath } from 'react-router'
import { expect, test } from 'vitest'
import { paths } from './paths.ts'

test('a link to an interaction is matched by its pattern, whatever the id', () => {
  const match = matchPath(paths.interaction.pattern, paths.interaction.link('demo', 'a/b'))
  expect(match?.params).toEqual({ tenant: 'demo', id: 'a/b' })
})

test('signing out is one place, with the pages that follow from it', () => {
  const link = paths.signOut.link('demo')
  expect(matchPath(paths.signOut.pattern, link)?.params.tenant).toBe('demo')
  expect(matchPath(paths.signOut.pattern, `${link}/confirm`)?.params.tenant).toBe('demo')
})
