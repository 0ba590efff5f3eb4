import { type JWTVerifyGetKey, jwtVerify } from 'jose'

/** Knows which access tokens are no good although they still verify. */
export interface RevocationWatch {
  /**
   * Whether its login has ended, it was revoked by itself, or its app is inactive; at most ten seconds behind the issuer
   * while it can be reached.
   */
  isRevoked(token: RevocableClaims): Promise<boolean>
}

/** The claims that an entry of the list may name. */
const names = ['sid', 'jti', 'client_id'] as const

/** What a token says that can be revoked. */
export type RevocableClaims = { readonly [Name in (typeof names)[number]]?: unknown }

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
 * Follows the issuer's list of what has ended, a signed JWT at `{issuer}/revocations`: one request every five seconds of
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
    const entries = (payload.revocations ?? []) as (RevocableClaims & { until?: unknown })[]
    const until = new Map(entries.flatMap((entry) => keysOf(entry).map((key) => [key, Number(entry.until)] as const)))
    return { until, madeAt: payload.iat ?? 0 }
  }

  return {
    async isRevoked(token) {
      const age = now() - checkedAt
      const isResting = now() - failedAt < freshMs
      if (age >= freshMs && !isResting) {
        const checked = check()
        if (age >= oldestMs) await checked
      }
      const ends = keysOf(token).map((key) => known.until.get(key))
      // The issuer drops an entry when its last token has ended; ours may be that much behind.
      return ends.some((end) => end !== undefined && end * 1000 > now() - 60_000)
    },
  }
}

/** A login and a client may have the same name. */
function keysOf(claims: RevocableClaims): string[] {
  return names.flatMap((name) => (typeof claims[name] === 'string' ? [`${name} ${claims[name]}`] : []))
}
