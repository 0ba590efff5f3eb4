import type { CompatAnswer } from '../compat-area.ts'
import type { Refusal, RefusalCode } from '../refusal.ts'

/** Where their documents have another status than ours. */
const STATUS: Partial<Record<RefusalCode, number>> = {
  invalid_request: 422,
  'fields-invalid': 422,
  // What was presented is no good any more: the community mints anew.
  invalid_grant: 401,
  unauthorized_client: 403,
}

/** `success: false` and a message; which field is wrong, and why, beside it. */
export function renderRefusal({ code, status, detail, fields }: Refusal): CompatAnswer {
  const details = fields.map(({ field, message }) => [field, [message]])
  return {
    status: STATUS[code] ?? status,
    headers: code === 'invalid_client' ? { 'www-authenticate': 'Bearer realm="Circle"' } : {},
    body: {
      success: false,
      message: detail,
      ...(details.length > 0 && { error_details: Object.fromEntries(details) }),
    },
  }
}
