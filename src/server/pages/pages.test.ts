import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { PageState, RenderOptions } from '../../contract/page-state.ts'
import { StartError } from '../start-error.ts'
import { createPages, loadPages } from './pages.ts'

const state: PageState = { page: 'problem', problem: 'failed', requestId: 'r1' }

function recordingPages() {
  const calls: RenderOptions[] = []
  const pages = createPages((_state, options) => {
    calls.push(options)
    return `<p nonce="${options.nonce}">`
  })
  return { pages, calls }
}

test('each rendering has a nonce of its own, the same in page and policy', () => {
  const { pages, calls } = recordingPages()
  const [first, second] = [pages.render(state), pages.render(state)]
  expect(calls[0]?.nonce).toMatch(/^[\w+/]{22}==$/)
  expect(calls[0]?.nonce).not.toBe(calls[1]?.nonce)
  expect(first.headers['content-security-policy']).toContain(`script-src 'nonce-${calls[0]?.nonce}';`)
  expect(first.html).toContain(calls[0]?.nonce)
  expect(first.headers['content-security-policy']).not.toBe(second.headers['content-security-policy'])
})

test('a form leads to us, and further only where this page says', () => {
  const { pages } = recordingPages()
  const policyOf = (formTargets?: string[]) =>
    pages.render(state, formTargets && { formTargets }).headers['content-security-policy']
  expect(policyOf()).toContain("form-action 'self';")
  expect(policyOf(['https://shop.test'])).toContain("form-action 'self' https://shop.test;")
})

test('a page is never kept', () => {
  expect(recordingPages().pages.render(state).headers['cache-control']).toBe('no-store')
})

test('without a build the start says what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portico-unbuilt-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await expect(loadPages(folder)).rejects.toThrow(StartError)
  await expect(loadPages(folder)).rejects.toThrow(/run "npm run build"/)
})
