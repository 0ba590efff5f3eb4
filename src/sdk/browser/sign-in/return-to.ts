/**
 * Reads where a sign-in should end: path, query and hash on `page`'s origin, or undefined for anything else.
 *
 * `//host`, backslashes, control characters, other origins and other schemes lead away from the app, so they count as
 * nothing given (RFC 9700 section 4.11.1).
 */
export function readReturnTo(value: unknown, page: URL): string | undefined {
  if (typeof value !== 'string' || !value || hasForbiddenCharacter(value) || value.startsWith('//')) return undefined
  if (!URL.canParse(value, page.href)) return undefined
  const url = new URL(value, page)
  // `blob:` has the origin of the address inside it, so the scheme is compared too.
  if (url.origin !== page.origin || url.protocol !== page.protocol) return undefined
  if (url.username || url.password) return undefined
  // `/.//host` becomes the path `//host`, which a browser would read as another origin.
  if (url.pathname.startsWith('//')) return undefined
  return url.pathname + url.search + url.hash
}

/** Browsers read `\` as `/`, and drop tabs and line breaks. */
function hasForbiddenCharacter(value: string): boolean {
  return value.includes('\\') || [...value].some((character) => character < ' ' || character === '\x7f')
}
