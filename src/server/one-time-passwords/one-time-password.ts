import { randomInt } from 'node:crypto'

/** No vowels, so that no word comes out, and nothing that looks like something else (RFC 8628 section 6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const GROUPS = 4
const GROUP_LENGTH = 4
const FORM = new RegExp(`^[${LETTERS}]{${GROUPS * GROUP_LENGTH}}$`)

/** Sixteen random letters, 69 bits: it stands in for a password, so guessing it has to be as hopeless. */
export function makeOneTimePassword(): string {
  return Array.from({ length: GROUPS * GROUP_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

/** In groups of four, for people. */
export function inGroups(password: string): string {
  return (password.match(new RegExp(`.{${GROUP_LENGTH}}`, 'g')) ?? []).join('-')
}

/** What was typed as a one-time password in its one form, whatever its case, spaces and hyphens; nothing for anything else. */
export function readOneTimePassword(typed: string): string | undefined {
  const letters = typed
    .normalize('NFKC')
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
  return FORM.test(letters) ? letters : undefined
}
