import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PageState, RenderOptions, RenderPage } from '../../contract/page-state.ts'
import { StartError } from '../start-error.ts'
import { pagePolicy } from './page-policy.ts'

/** A page ready to send, with the headers that go with this one rendering. */
export interface RenderedPage {
  html: string
  headers: Record<string, string>
}

export interface Pages {
  /** `formTargets`: origins a form of this page may end up at after its redirects (CSP `form-action`). */
  render(state: PageState, options?: { formTargets?: string[]; theme?: RenderOptions['theme'] }): RenderedPage
}

/** Loads the renderer that `npm run build` made. @throws StartError when there is none */
export async function loadPages(portalFolder: string): Promise<Pages> {
  const file = join(portalFolder, 'render.js')
  if (!existsSync(file))
    throw new StartError(`The portal's pages are not built (${file} is missing): run "npm run build".`)
  const { render } = (await import(pathToFileURL(file).href)) as { render: RenderPage }
  return createPages(render)
}

export function createPages(render: RenderPage): Pages {
  return {
    render(state, { formTargets = [], theme = 'auto' } = {}) {
      const nonce = randomBytes(16).toString('base64')
      return {
        html: render(state, { nonce, locale: 'en', theme }),
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'content-security-policy': pagePolicy(nonce, formTargets),
        },
      }
    },
  }
}
