import { errors } from '../engine-errors.ts'
import type { GrantRequest } from './grant-request.ts'
import type { Holder } from './holder.ts'

/**
 * The company a person acts for, asked for anew at each refresh: without it the tokens are for none.
 * @throws `access_denied` unless the person is assigned to it, now
 */
export function companyAskedFor({ params }: GrantRequest, { user }: Holder): string | undefined {
  const asked = params.legal_entity_id
  if (asked === undefined) return undefined
  const assigned: string[] = user ? JSON.parse(user.legal_entities) : []
  if (!assigned.includes(asked)) throw new CompanyRefused()
  return asked
}

class CompanyRefused extends errors.AccessDenied {
  constructor() {
    super('legal_entity_id: this person is not assigned to it')
    this.status = 403
    this.statusCode = 403
  }
}
