import { renderToString } from 'react-dom/server'
import { StaticRouter } from 'react-router'
import template from '../../index.html?raw'
import type { PageState, RenderPage } from '../contract/page-state.ts'
import { App } from './app.tsx'
import { colorSchemeOf, directionOf, embedJson, escapeHtml, fillTemplate } from './document.ts'
import { titleOf } from './title.ts'

/** Draws a page as the HTML document that is sent: complete without JavaScript, hydrated with it. */
export const render: RenderPage = (state, { nonce, locale, theme }) =>
  fillTemplate(template, {
    lang: escapeHtml(locale),
    dir: directionOf(locale),
    theme: escapeHtml(theme),
    colorScheme: escapeHtml(colorSchemeOf(theme)),
    title: escapeHtml(titleOf(state)),
    nonce: escapeHtml(nonce),
    app: renderToString(
      <StaticRouter location={addressOf(state)}>
        <App initialState={state} />
      </StaticRouter>,
    ),
    state: embedJson(state),
  })

/** Which address the router takes a page to be at; what is drawn depends on the state alone. */
function addressOf(state: PageState): string {
  return 'action' in state ? state.action : '/'
}
