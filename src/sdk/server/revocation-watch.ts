import { type JWTVerifyGetKey, jwtVerify } from 'jose'

/** Knows which logins have ended although their access tokens still verify. */
export interface RevocationWatch {
  /** Whether the login `sid` has ended; at most ten seconds behind the issuer while it can be reached. */
  isRevoked(sid: string): Promise<boolean>
}

/** What {@link createRevocationWatch} needs. */
export interface RevocationWatchDeps {
  fetch: typeof globalThis.fetch
  findKey: JWTVerifyGetKey
  /** Epoch milliseconds. */
  now(): number
}

interface KnownList {
  until: Map<string, number>
  etag: string | undefined
  /** Epoch seconds it was made at: an older list never replaces it. */
  madeAt: number
}

/** From here on a list is looked at again, beside the request that found it old. */
const freshMs = 5_000
/** A list older than this is waited for. */
const oldestMs = 8_000
const timeLimitMs = 2_000
const path = '/revocations'

/**
 * Follows the issuer's list of ended logins, a signed JWT at `{issuer}/revocations`: one request every five seconds of
 * use, never one per token. While the issuer can't be reached the last list counts; tokens end by themselves in minutes.
 */
export function createRevocationWatch(issuer: string, { fetch, findKey, now }: RevocationWatchDeps): RevocationWatch {
  let known: KnownList = { until: new Map(), etag: undefined, madeAt: 0 }
  let checkedAt = Number.NEGATIVE_INFINITY
  let failedAt = Number.NEGATIVE_INFINITY
  let checking: Promise<void> | undefined

  const check = () => {
    checking ??= load()
      .then(
        () => {
          checkedAt = now()
        },
        () => {
          failedAt = now()
        },
      )
      .finally(() => {
        checking = undefined
      })
    return checking
  }

  const load = async () => {
    const startedAt = now()
    const headers = { accept: 'application/jwt', ...(known.etag && { 'if-none-match': known.etag }) }
    const response = await fetch(issuer + path, {
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(timeLimitMs),
    })
    if (response.status === 304) return
    if (!response.ok) throw new Error(`${issuer}${path} answered ${response.status}`)
    const list = await readList(await response.text(), startedAt)
    if (list.madeAt >= known.madeAt) known = { ...list, etag: response.headers.get('etag') ?? undefined }
  }

  const readList = async (jwt: string, at: number) => {
    const { payload } = await jwtVerify(jwt, findKey, {
      issuer,
      typ: 'revocations+jwt',
      algorithms: ['ES256'],
      currentDate: new Date(at),
      clockTolerance: 60,
    })
    const entries = (payload.revocations ?? []) as { sid?: unknown; until?: unknown }[]
    const until = new Map(entries.map(({ sid, until: end }) => [String(sid), Number(end)]))
    return { until, madeAt: payload.iat ?? 0 }
  }

  return {
    async isRevoked(sid) {
      const age = now() - checkedAt
      const isResting = now() - failedAt < freshMs
      if (age >= freshMs && !isResting) {
        const checked = check()
        if (age >= oldestMs) await checked
      }
      const end = known.until.get(sid)
      // The issuer drops an entry when its last token has ended; ours may be that much behind.
      return end !== undefined && end * 1000 > now() - 60_000
    },
  }
}
