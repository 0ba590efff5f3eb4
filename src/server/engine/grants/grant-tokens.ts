import { errors } from '../engine-errors.ts'
import type { GrantAnswer, GrantParams, GrantParts, GrantRequest } from './grant-request.ts'
import { findGrant } from './grants.ts'

/** What the caller has established: who asks, for what, with which key, from where. */
export type GrantQuestion = Omit<GrantRequest, keyof GrantParts>

/**
 * Answers a grant for a client that the caller has authenticated: the token endpoint, or a route of an older API that
 * speaks of the same things in other words. `params` are those of the token endpoint, with their `grant_type`.
 * @throws the OAuth error that refuses it (RFC 6749 section 5.2)
 */
export async function grantTokens(parts: GrantParts, question: GrantQuestion): Promise<GrantAnswer> {
  const { client, params, proof } = question
  const grant = findGrant(client, params)
  checkScopeSyntax(params)
  if (!proof && client.dpop_bound_access_tokens) throw new errors.InvalidGrant('DPoP proof JWT not provided')
  return grant.handle({ ...parts, ...question })
}

/** RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/

function checkScopeSyntax({ scope }: GrantParams): void {
  if (scope !== undefined && !SCOPE.test(scope)) throw new errors.InvalidScope('scope contains invalid characters', '')
}
