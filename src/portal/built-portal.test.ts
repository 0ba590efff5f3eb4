import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RenderPage } from '../contract/page-state.ts'
import { aSignInPage } from './page/a-page.ts'

const dist = fileURLToPath(new URL('../../dist/portal/', import.meta.url))
const nonce = `bm9uY2U+'0="`

describe('what `npm run build` leaves for the server', () => {
  let html: string
  let addresses: string[]

  beforeAll(async () => {
    if (!existsSync(`${dist}render.js`)) throw new Error('The portal is not built: run `npm run build` first.')
    const { render }: { render: RenderPage } = await import(/* @vite-ignore */ `${dist}render.js`)
    html = render(aSignInPage(), { nonce, locale: 'en', theme: 'auto' })
    addresses = [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address)
  })

  test('every script and style sheet carries the nonce, escaped', () => {
    const tags =
      html.match(/<script\b[^>]*>|<style\b[^>]*>|<link\b[^>]*rel="(?:stylesheet|modulepreload)"[^>]*>/g) ?? []
    expect(tags.length).toBeGreaterThanOrEqual(3)
    for (const tag of tags) expect(tag).toContain('nonce="bm9uY2U+&#39;0=&#34;"')
  })

  test('every file a page names is there, and nothing comes from elsewhere', () => {
    expect(addresses.length).toBeGreaterThanOrEqual(4)
    for (const address of addresses) {
      expect(address).toMatch(/^\//)
      expect(existsSync(dist + address)).toBe(true)
    }
  })

  test('scripts and style sheets have the hash of their content in their name, and a compressed twin', () => {
    const assets = addresses.filter((address) => address.startsWith('/assets/'))
    expect(assets).toHaveLength(2)
    for (const asset of assets) {
      expect(asset).toMatch(/-[\w-]{8}\.(js|css)$/)
      expect(existsSync(`${dist}${asset}.br`)).toBe(true)
    }
  })

  test('the browser is never asked to run text as code', () => {
    const [script = ''] = addresses.filter((address) => address.endsWith('.js'))
    expect(readFileSync(dist + script, 'utf8')).not.toMatch(/\bnew Function\b|\beval\(/)
  })

  test("the renderer stands alone: Node's own modules and nothing from node_modules", () => {
    const imported = [...readFileSync(`${dist}render.js`, 'utf8').matchAll(/^import\b.*?from\s*["']([^"']+)["']/gm)]
    for (const [, name] of imported) expect(name).toMatch(/^node:/)
  })

  test('search engines are asked to stay away', () => {
    expect(readFileSync(`${dist}robots.txt`, 'utf8')).toBe('User-agent: *\nDisallow: /\n')
  })
})
