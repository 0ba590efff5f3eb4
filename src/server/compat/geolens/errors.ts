import { STATUS_CODES } from 'node:http'
import type { CompatAnswer } from '../compat-area.ts'
import type { Refusal, RefusalCode } from '../refusal.ts'

/** Where their documents have another status than ours. */
const STATUS: Partial<Record<RefusalCode, number>> = {
  'fields-invalid': 422,
  // The one credential a request of theirs brings is a token: without a good one, sign in again.
  invalid_grant: 401,
}

/** Problem details (RFC 9457) with all four members, `detail` always one text. */
export function renderRefusal({ code, status: ours, detail }: Refusal): CompatAnswer {
  const status = STATUS[code] ?? ours
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail },
  }
}
