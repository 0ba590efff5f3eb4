import { type Arguments, readArguments } from '../../wire/arguments.ts'
import type { GrantRequest } from './request-tokens.ts'

/**
 * Whom {@link Backend.memberToken} is for, by one identifier. Take it from your own records, never from what a page sends: whoever
 * chooses it chooses whose token it is.
 */
export type MemberIdentifier =
  /** What the member is called by the provider they sign in with. */
  | { readonly ssoId: string; readonly memberId?: never; readonly email?: never }
  | { readonly memberId: number | string; readonly ssoId?: never; readonly email?: never }
  /** Only where the client is configured for it; addresses change hands, the others don't. */
  | { readonly email: string; readonly ssoId?: never; readonly memberId?: never }

/** Arguments of {@link Backend.memberToken}. */
export type MemberToken = MemberIdentifier & {
  /** Scope values and roles to ask for; all roles held when none are. */
  readonly scope?: readonly string[]
  /** Refresh token of the guest the person was: their visit goes on as the member's. Such a token is never cached. */
  readonly guestToken?: string
  /**
   * Whether a token minted a moment ago for the same member and scope will do.
   *
   * @defaultValue true
   */
  readonly cache?: boolean
}

const identifiers = ['ssoId', 'memberId', 'email'] as const
const names = [...identifiers, 'scope', 'guestToken', 'cache'] as const
type Given = Arguments<(typeof names)[number]>

/** Reads the arguments of a token for a member (grant `urn:portico:grant-type:member`). */
export function memberTokenRequest(given: MemberToken): GrantRequest {
  const read = readArguments('memberToken', given, names)
  const guestToken = read.optionalText('guestToken')
  return {
    fields: {
      grant_type: 'urn:portico:grant-type:member',
      ...identify(given, read),
      scope: read.scope('scope'),
      guest_token: guestToken,
    },
    refusals: { invalid_grant: 'member-unknown', '404': 'member-unknown' },
    // Another token harms nobody; a guest is spent by the first.
    isRepeatable: guestToken === undefined,
    isShareable: read.flag('cache', true) && guestToken === undefined,
  }
}

function identify(given: MemberToken, read: Given): Record<string, string> {
  const [name, other] = identifiers.filter((one) => given[one] !== undefined)
  if (name === undefined) return read.refuse('ssoId', 'or `memberId` or `email` must be given')
  if (other !== undefined) return read.refuse(other, `and \`${name}\` exclude each other: give the one you are sure of`)
  if (name === 'memberId') return { member_id: readMemberId(given.memberId, read) }
  const value = read.text(name)
  if (isPlaceholder(value)) return read.refuse(name, 'holds a placeholder that was never filled in')
  return name === 'ssoId' ? { sso_id: value } : { email: readEmail(value, read) }
}

function readMemberId(value: unknown, read: Given): string {
  const text = String(value)
  const isId = /^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))
  return isId ? text : read.refuse('memberId', 'must be a whole number above 0')
}

/** One address, in the form it is looked up by. */
function readEmail(value: string, read: Given): string {
  const email = value.trim().toLowerCase()
  return /^[^\s@]+@[^\s@]+$/.test(email) ? email : read.refuse('email', 'must be one e-mail address')
}

/** What templates leave behind when nothing was put in: `{{email}}`, `${email}`, `<%= email %>`, `*|EMAIL|*`, `%EMAIL%`, `[[email]]`. */
function isPlaceholder(value: string): boolean {
  return /\{\{|\}\}|\$\{|<%|%>|\*\||\|\*|%\w+%|\[\[|\]\]/.test(value)
}
