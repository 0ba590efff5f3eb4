import { argumentError } from '../../wire/arguments.ts'
import { AuthError } from '../../wire/auth-error.ts'
import { keep, type Renewal, type RenewDeps, redeem } from './renew.ts'
import type { MemberRecord } from './session-record.ts'

/**
 * Renews the session for another company, or for none. Runs while this tab alone holds the client's lock. What is refused
 * has spent nothing: the person acts for whom they acted before.
 *
 * @throws {AuthError} `argument-invalid`, `company-refused`, `not-signed-in`, `session-ended`, or a code that leaves the
 * session as it is.
 */
export async function switchCompany(company: string | null, deps: RenewDeps): Promise<Renewal> {
  if (company !== null && (typeof company !== 'string' || company === ''))
    throw argumentError('switchCompany', 'a company is named by its id, and none by null')
  const kept = await deps.store.read()
  if (kept.session?.kind !== 'member') throw new AuthError('not-signed-in')
  if (!kept.session.refreshToken)
    throw new AuthError('configuration', { message: 'switchCompany: this client gets no refresh tokens.' })
  const tokens = await redeem(kept, company ?? undefined, deps)
  // Somebody renewed without our knowing (no Web Locks).
  if (!tokens) return switchCompany(company, deps)
  return keep(withoutChoice(kept.session), tokens, deps)
}

/** What was chosen or lost before is nothing to tell about any more. */
function withoutChoice({ company: _left, isCompanyLost: _told, ...rest }: MemberRecord): MemberRecord {
  return rest
}
