import { readArguments } from '../../wire/arguments.ts'
import type { GrantRequest } from './request-tokens.ts'

/** Arguments of {@link Backend.clientCredentials}. */
export interface ClientCredentials {
  /** Scope values and roles to ask for; all roles the client may have when none are. */
  readonly scope?: readonly string[]
  /**
   * Whether the token of an earlier call will do while it is good.
   *
   * @defaultValue true
   */
  readonly cache?: boolean
}

/** Reads the arguments of a client that acts for itself (RFC 6749 section 4.4). */
export function clientCredentialsRequest(given: ClientCredentials): GrantRequest {
  const read = readArguments('clientCredentials', given, ['scope', 'cache'])
  const fields = { grant_type: 'client_credentials', scope: read.scope('scope') }
  return { fields, isRepeatable: true, isShareable: read.flag('cache', true) }
}
