import { html } from './html.ts'
import { layout } from './layout.ts'

/** What went otherwise than hoped, in a sentence for the person it happened to. */
export type Notice = 'denied' | 'sign-in-failed' | 'portal-away'

const sentences: Record<Notice, string> = {
  denied: 'You are not signed in: the request was turned down.',
  'sign-in-failed': 'That sign-in did not come through. Nothing is lost: try once more.',
  'portal-away': 'The sign-in page can’t be reached right now. Try again in a moment.',
}

export function welcomePage({ catalog, notice }: { catalog: string; notice?: Notice | undefined }): string {
  const main = html`<section class="welcome">
${notice === undefined ? html`` : html`<p class="notice" role="alert">${sentences[notice]}</p>`}
<h1>Everything you ever ordered, in one place</h1>
<p>See what is on its way, find a receipt, or buy the good mug again.</p>
<a class="primary" href="/sign-in">Sign in</a>
<p class="hint">Signed in at the shop already? Then you won’t be asked for anything.</p>
</section>`
  return layout({ title: 'Orders · Demo Store', catalog, main })
}
