import type { CompatAnswer } from '../compat-area.ts'
import type { Refusal, RefusalCode } from '../refusal.ts'

/** OAuth's name for it (RFC 6749 section 5.2), and the code their clients go by. */
type Names = readonly [error: string, errorCode: string]

/** The platform's own codes; `Auth.OauthError` is its word for whatever is about the protocol. */
const NAMES: Record<RefusalCode, Names> = {
  invalid_request: ['invalid_request', 'Auth.OauthError'],
  invalid_client: ['invalid_client', 'ApiClient.InvalidClientID'],
  invalid_grant: ['invalid_grant', 'Auth.OauthError'],
  unauthorized_client: ['unauthorized_client', 'Auth.OauthError'],
  unsupported_grant_type: ['unsupported_grant_type', 'Auth.OauthError'],
  invalid_scope: ['invalid_scope', 'Auth.InsufficientRole'],
  access_denied: ['access_denied', 'Auth.InsufficientRole'],
  invalid_token: ['invalid_token', 'Auth.TokenRevoked'],
  'credentials-missing': ['invalid_request', 'Auth.UsernameAndPasswordRequired'],
  'credentials-wrong': ['invalid_grant', 'Auth.InvalidUsernameOrPassword'],
  'account-disabled': ['invalid_grant', 'Auth.UserNotActive'],
  'locked-out': ['invalid_grant', 'Auth.LockedOut'],
  'password-expired': ['invalid_grant', 'Auth.PasswordExpired'],
  'password-insecure': ['invalid_grant', 'Auth.InsecurePassword'],
  'template-missing': ['invalid_grant', 'Auth.OauthError'],
  'fields-invalid': ['invalid_request', 'ValidationFailure'],
  'not-found': ['not_found', 'NotFound'],
  'method-not-allowed': ['invalid_request', 'Auth.OauthError'],
  conflict: ['invalid_request', 'Auth.OauthError'],
  'too-large': ['invalid_request', 'Auth.OauthError'],
  'unsupported-media-type': ['invalid_request', 'Auth.OauthError'],
  'too-many-requests': ['slow_down', 'Auth.OauthError'],
  failed: ['server_error', 'ServerError'],
  unavailable: ['temporarily_unavailable', 'Api.Offline'],
}

/** OAuth's form and, beside it, `Errors`, whose first code is what apps act on. */
export function renderRefusal({ code, status, detail, data }: Refusal): CompatAnswer {
  const [error, errorCode] = NAMES[code]
  // What is wrong with a grant is 400 (RFC 6749 section 5.2); a pause says how long by its status, too.
  const isGrant = error === 'invalid_grant' && code !== 'locked-out'
  return {
    status: isGrant ? 400 : status,
    headers: status === 401 && !isGrant ? { 'www-authenticate': 'Basic realm="OrderCloud"' } : {},
    body: {
      error,
      error_description: detail,
      Errors: [{ ErrorCode: errorCode, Message: detail, Data: data ?? DATA[errorCode] ?? null }],
    },
  }
}

/** Their SDK reads these two of every `NotFound`, and fails without them. */
const DATA: { [errorCode: string]: object } = {
  NotFound: { ObjectType: 'Resource', ObjectID: 'at this address' },
}
