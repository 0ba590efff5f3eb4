/** No vowels, so that no word comes out, and nothing that looks like something else (RFC 8628 section 6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 16
const FORM = new RegExp(`^[${LETTERS}]{${LENGTH}}$`)

/** What was typed as a one-time password in its one form, whatever its case, spaces and hyphens; nothing for anything else. */
export function readOneTimePassword(typed: string): string | undefined {
  const letters = typed
    .normalize('NFKC')
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
  return FORM.test(letters) ? letters : undefined
}
