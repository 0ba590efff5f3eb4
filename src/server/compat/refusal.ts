import { errors } from '../engine/engine-errors.ts'
import { statusOf, UNAVAILABLE_RETRY_SECONDS } from '../http/problems.ts'
import { RequestError } from '../http/request-error.ts'

/** Everything an older API can be refused for; each system maps all of it to its own envelope. */
const STATUS = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  access_denied: 403,
  /** A bearer token that is none, has ended or was revoked (RFC 6750 section 3.1). */
  invalid_token: 401,
  'credentials-missing': 400,
  'credentials-wrong': 401,
  'account-disabled': 403,
  'locked-out': 429,
  'password-expired': 403,
  'password-insecure': 403,
  /** Guests of this client have no template user. */
  'template-missing': 400,
  /** `fields` says which, and why. */
  'fields-invalid': 400,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  'too-many-requests': 429,
  failed: 500,
  unavailable: 503,
} as const

export type RefusalCode = keyof typeof STATUS

/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** `customer.email` */
  field: string
  message: string
}

/** Why a request was refused, in no API's form yet. */
export interface Refusal {
  code: RefusalCode
  /** As we would say it; an API may have another for the same. */
  status: number
  /** May be shown to whoever sent the request. */
  detail: string
  fields: readonly FieldProblem[]
  /** What it is about, where an API's form has a place for that. */
  data?: RefusalData | undefined
  retryAfterSeconds?: number | undefined
  requestId: string
}

type RefusalData = Readonly<Record<string, string>>

/** A refusal that compatibility routes give themselves. */
export class CompatRefused extends Error {
  override readonly name = 'CompatRefused'
  readonly code: RefusalCode
  readonly fields: readonly FieldProblem[]
  readonly data: RefusalData | undefined

  constructor(code: RefusalCode, detail: string, more: { fields?: readonly FieldProblem[]; data?: RefusalData } = {}) {
    super(detail)
    this.code = code
    this.fields = more.fields ?? []
    this.data = more.data
  }
}

/** What went wrong, from whichever layer it comes; of what failed inside nothing but the request's id is told. */
export function refusalOf(error: Error, requestId: string): Refusal {
  const reason = reasonOf(error)
  return { status: STATUS[reason.code], fields: [], ...reason, requestId }
}

type Reason = Pick<Refusal, 'code' | 'detail'> & Partial<Refusal>

function reasonOf(error: Error): Reason {
  if (error instanceof CompatRefused) {
    const { code, message: detail, fields, data } = error
    return { code, detail, fields, data }
  }
  if (error instanceof errors.OIDCProviderError && error.status < 500) return oauthReason(error)
  const status = statusOf(error)
  if (status === 503)
    return { code: 'unavailable', detail: 'try again in a moment', retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS }
  if (status >= 500) return { code: 'failed', detail: 'something went wrong here' }
  return { code: BY_STATUS[status] ?? 'invalid_request', detail: detailOf(error, status) }
}

type OAuthError = InstanceType<typeof errors.OIDCProviderError> & { retryAfterSeconds?: number; reason?: string }

/** Where OAuth has one word for several reasons, the error may bring the one that was meant. */
function oauthReason({ error, error_description, reason, retryAfterSeconds, status }: OAuthError): Reason {
  const code = [reason, error].find(isCode)
  const fallback = status === 429 ? 'too-many-requests' : 'invalid_request'
  return { code: code ?? fallback, detail: error_description ?? error, retryAfterSeconds }
}

function isCode(name: string | undefined): name is RefusalCode {
  return name !== undefined && Object.hasOwn(STATUS, name)
}

const BY_STATUS: { [status: number]: RefusalCode } = {
  401: 'invalid_client',
  403: 'access_denied',
  404: 'not-found',
  405: 'method-not-allowed',
  409: 'conflict',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
}

/** Fastify's own words may quote what was sent. */
function detailOf(error: Error, status: number): string {
  if (error instanceof RequestError) return error.message
  if (status === 413) return 'this body is too large'
  return status === 415 ? 'this kind of body is not accepted here' : 'this request can not be read'
}
