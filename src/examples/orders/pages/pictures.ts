import { type Html, html } from './html.ts'

/** What each product looks like, in a square of 48. */
const shapes: Record<string, Html> = {
  kettle: html`<path d="M14 18c0-9 20-9 20 0" class="line"/><path d="M11 22h26l-3 15a3 3 0 0 1-3 2H17a3 3 0 0 1-3-2z"/><path d="M36 26l7-5v4l-6 8z"/><path d="M20 22c0-3 8-3 8 0z"/>`,
  mug: html`<path d="M12 15h20v18a5 5 0 0 1-5 5H17a5 5 0 0 1-5-5z"/><path d="M32 19h3a5 5 0 0 1 0 11h-3" class="line"/>`,
  casserole: html`<path d="M6 23h4v4H6zM38 23h4v4h-4z"/><path d="M10 21h28v12a5 5 0 0 1-5 5H15a5 5 0 0 1-5-5z"/><path d="M10 19c1-7 27-7 28 0z"/><path d="M21 9h6v3h-6z"/>`,
  skillet: html`<path d="M32 22l11-6 2 3-10 7z"/><path d="M5 24h28c0 8-6 12-14 12S5 32 5 24z"/><ellipse cx="19" cy="24" rx="14" ry="6"/>`,
  board: html`<path d="M10 12a4 4 0 0 1 4-4h20a4 4 0 0 1 4 4v20a4 4 0 0 1-4 4h-7v4h-6v-4h-7a4 4 0 0 1-4-4z"/><circle cx="24" cy="14" r="2" class="hole"/>`,
  'pepper-mill': html`<circle cx="24" cy="9" r="3"/><path d="M18 20c0-10 12-10 12 0-3 2-9 2-12 0z"/><path d="M19 22h10l3 16a2 2 0 0 1-2 2H18a2 2 0 0 1-2-2z"/>`,
  bowls: html`<path d="M6 16h36c0 7-4 10-9 11H15C10 26 6 23 6 16z"/><path d="M11 29h26c0 6-4 9-8 9H19c-4 0-8-3-8-9z"/>`,
}

export function picture(slug: string, tint: string): Html {
  return html`<svg class="picture" viewBox="0 0 48 48" aria-hidden="true" fill="${tint}" stroke="${tint}">${shapes[slug] ?? html``}</svg>`
}
