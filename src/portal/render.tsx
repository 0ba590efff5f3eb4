import { renderToString } from 'react-dom/server'
import { StaticRouter } from 'react-router'
import template from '../../index.html?raw'
import type { RenderPage } from '../contract/page-state.ts'
import { App } from './app.tsx'
import { colorSchemeOf, embedJson, escapeHtml, fillTemplate, languageOf } from './document.ts'
import { titleOf } from './title.ts'

/** Draws a page as the HTML document that is sent: complete without JavaScript, hydrated with it. */
export const render: RenderPage = (state, { nonce, locale, theme }) =>
  fillTemplate(template, {
    lang: escapeHtml(languageOf(locale)),
    theme: escapeHtml(theme),
    colorScheme: escapeHtml(colorSchemeOf(theme)),
    title: escapeHtml(titleOf(state)),
    nonce: escapeHtml(nonce),
    app: renderToString(
      // What is drawn depends on the state alone: which route matches decides only what the browser does with it later.
      <StaticRouter location="/">
        <App initialState={state} />
      </StaticRouter>,
    ),
    state: embedJson(state),
  })
