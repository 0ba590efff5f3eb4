import { readArguments } from '../../wire/arguments.ts'
import { refusal } from '../../wire/refusal.ts'
import type { GrantRequest } from './request-tokens.ts'

/** Arguments of {@link Backend.elevatedLogin}. */
export interface ElevatedLogin {
  /** Username or e-mail. */
  readonly username: string
  readonly password: string
  /** Scope values and roles to ask for; all roles held when none are. */
  readonly scope?: readonly string[]
  /** Roles of your own, asked for beside `scope`. */
  readonly customRoles?: readonly string[]
  /** Refresh token of the guest the person was: their visit goes on as the member's. */
  readonly guestToken?: string
  /** The guest's session id, to be sure that it is that guest's. */
  readonly sessionId?: string
}

const names = ['username', 'password', 'scope', 'customRoles', 'guestToken', 'sessionId'] as const

/** Reads the arguments of a sign-in by password (RFC 6749 section 4.3). It is sent once: each try counts. */
export function elevatedLoginRequest(given: ElevatedLogin): GrantRequest {
  const read = readArguments('elevatedLogin', given, names)
  // What a person left empty is theirs to mend, and no mistake of the program.
  if (given.username === '' || given.password === '') throw refusal('wrong-credentials')
  return {
    fields: {
      grant_type: 'password',
      username: read.text('username'),
      password: read.secret('password'),
      scope: read.scope('scope'),
      custom_roles: read.scope('customRoles'),
      guest_token: read.optionalText('guestToken'),
      session_id: read.optionalText('sessionId'),
    },
    refusals: { invalid_grant: 'wrong-credentials', '401': 'wrong-credentials' },
    isRepeatable: false,
    isShareable: false,
  }
}
