/** What the portal tells us when a login ends elsewhere (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Clocks differ, and a token lives no longer than the portal needs to bring it. */
const CLOCK_TOLERANCE_SECONDS = 30
const OLDEST_SECONDS = 300

/** The login that has ended, or without a `sid` every login of the person. */
export type EndedLogin = { sid: string; sub?: string } | { sub: string; sid?: undefined }

/** A token that does not end anything here; its message is for the log of whoever sent it. */
export class LogoutTokenRefused extends Error {}

export interface LogoutTokenOptions {
  issuer: string
  clientId: string
  /** What the portal signs our ID tokens with. */
  algorithm?: string
  /** The portal's keys. */
  keys: JWTVerifyGetKey
  now?: () => number
}

/** Makes the reader of logout tokens, which takes each of them once. */
export function createLogoutTokenReader({
  issuer,
  clientId,
  algorithm = 'RS256',
  keys,
  now = Date.now,
}: LogoutTokenOptions): (token: string) => Promise<EndedLogin> {
  const takeOnce = createMemory(now)
  return async (token) => {
    const payload = await verify(token, keys, {
      issuer,
      audience: clientId,
      typ: 'logout+jwt',
      algorithms: [algorithm],
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: OLDEST_SECONDS,
      currentDate: new Date(now()),
    })
    // Else an ID token could pass for one.
    if ('nonce' in payload) throw new LogoutTokenRefused('a logout token has no nonce')
    const { events } = payload
    if (!isObject(events) || !isObject(events[EVENT])) throw new LogoutTokenRefused('this tells of something else')
    const login = loginOf(payload)
    if (!takeOnce(payload)) throw new LogoutTokenRefused('this token was used before')
    return login
  }
}

async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  options: NonNullable<Parameters<typeof jwtVerify>[2]>,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload
  } catch (error) {
    // The portal's keys could not be had: no fault of the token's.
    if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) throw error
    throw new LogoutTokenRefused(error.message)
  }
}

function loginOf({ sub, sid }: JWTPayload): EndedLogin {
  const isNamed = (value: unknown): value is string => typeof value === 'string' && value !== ''
  if (isNamed(sid)) return { sid, ...(isNamed(sub) && { sub }) }
  if (isNamed(sub)) return { sub }
  throw new LogoutTokenRefused('this names neither a login nor a person')
}

/** Remembers each `jti` as long as its token could come again. */
function createMemory(now: () => number): (payload: JWTPayload) => boolean {
  const seen = new Map<string, number>()
  return ({ jti = '', exp = 0 }) => {
    for (const [known, until] of seen) if (until <= now()) seen.delete(known)
    if (seen.has(jti)) return false
    seen.set(jti, (exp + CLOCK_TOLERANCE_SECONDS) * 1000)
    return true
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
