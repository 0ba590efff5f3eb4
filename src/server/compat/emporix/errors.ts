import type { CompatAnswer } from '../compat-area.ts'
import type { Refusal, RefusalCode } from '../refusal.ts'

/** Where their documents have another status than ours. */
const STATUS: Partial<Record<RefusalCode, number>> = {
  // What was presented is no good any more: begin anew.
  invalid_grant: 401,
  unauthorized_client: 403,
  'account-disabled': 403,
}

/** Their gateway's words for what is wrong with a credential. */
const FAULTS: Partial<Record<RefusalCode, string>> = {
  invalid_client: 'oauth.v2.InvalidClientIdentifier',
  invalid_grant: 'keymanagement.service.invalid_refresh_token',
  'credentials-wrong': 'oauth.v2.InvalidCredentials',
}

const INVALID_ACCESS_TOKEN = 'keymanagement.service.invalid_access_token'
export const EXPIRED_ACCESS_TOKEN = 'keymanagement.service.access_token_expired'

/** The gateway's envelope for 401, the service's for everything else. */
export function renderRefusal(refusal: Refusal): CompatAnswer {
  const { code, detail: message, data, fields } = refusal
  const status = STATUS[code] ?? refusal.status
  if (status === 401) {
    const errorcode = data?.errorcode ?? FAULTS[code] ?? INVALID_ACCESS_TOKEN
    return {
      status,
      headers: { 'www-authenticate': 'Bearer' },
      body: { fault: { faultstring: message, detail: { errorcode } } },
    }
  }
  const details = fields.map((field) => ({ ...field, type: 'invalid_value', moreInfo: '' }))
  return { status, body: { status, type: snakeCase(code), message, moreInfo: '', details } }
}

/** The session context has an envelope of its own. */
export function renderContextRefusal(refusal: Refusal): CompatAnswer {
  const answer = renderRefusal(refusal)
  const { status = refusal.status } = answer
  return status === 401 ? answer : { status, body: { code: status, message: refusal.detail } }
}

function snakeCase(code: RefusalCode): string {
  return code.replaceAll('-', '_')
}
