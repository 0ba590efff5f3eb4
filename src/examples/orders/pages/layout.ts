import { type Html, html } from './html.ts'

interface LayoutParts {
  title: string
  /** Address of the shop next door. */
  catalog: string
  /** Who is signed in. */
  name?: string | undefined
  main: Html
}

export function layout({ title, catalog, name, main }: LayoutParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/orders.css">
<script src="/restored.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the orders</a>
<header class="header">
<div class="header-inside">
<a class="brand" href="/"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M8 5h16v22l-4-2.500-4 2.500-4-2.500L8 27z"/><path d="M12.500 11.500h7M12.500 16.500h7"/></svg>Orders</a>
<nav aria-label="Demo Store"><a href="${catalog}">Back to the shop</a></nav>
${name === undefined ? html`` : account(name)}
</div>
</header>
<main id="main" class="main" tabindex="-1">
${main}
</main>
<footer class="footer"><p>Orders is part of Demo Store. One sign-in opens both.</p></footer>
</body>
</html>
`.text
}

function account(name: string): Html {
  return html`<form class="account" method="post" action="/sign-out">
<span class="person"><span class="initials" aria-hidden="true">${initials(name)}</span><span class="name">${name}</span></span>
<button class="quiet" type="submit">Sign out</button>
<details class="more">
<summary class="quiet" aria-label="More"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3.5 6l4.500 4.500L12.500 6"/></svg></summary>
<div class="choices">
<button class="choice" type="submit" formaction="/sign-out-everywhere"><strong>Sign out everywhere</strong> <span>Every browser and device, all apps</span></button>
</div>
</details>
</form>`
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0] ?? '').join('')
}
