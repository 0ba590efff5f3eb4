import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { cookieName } from '../engine/cookies.ts'
import { createSealer } from '../keys/sealing.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { KnownBrowser } from '../users/check-credentials.ts'

/** Who is remembered of those that share a browser, the latest. */
const MOST_PEOPLE = 5
const MAX_AGE_SECONDS = 400 * 86_400

const Remembered = z.object({ id: z.string(), userIds: z.array(z.string()) })

export interface KnownBrowsers {
  /** Of the cookie. */
  name: string
  /** Nothing unless this tenant sealed it. */
  read(cookie: string | undefined): KnownBrowser | undefined
  /** The `Set-Cookie` of a browser that also knows this person from now on. */
  remember(browser: KnownBrowser | undefined, userId: string): string
}

/** A cookie by which a browser shows that people have signed in with it: their failures there are not a stranger's. */
export function knownBrowsers(tenant: Tenant): KnownBrowsers {
  const { secrets, isHttps } = tenant.services
  const sealer = createSealer(secrets, 'known browser')
  const name = cookieName(tenant, 'known', '__Host-')
  const place = isHttps ? 'Path=/; Secure' : `Path=${tenant.path}`

  return {
    name,
    read(cookie) {
      const plain = cookie ? sealer.open(cookie, tenant.id) : null
      return plain ? Remembered.parse(JSON.parse(Buffer.from(plain).toString())) : undefined
    },
    remember(browser, userId) {
      const others = browser?.userIds.filter((id) => id !== userId) ?? []
      const remembered = { id: browser?.id ?? randomUUID(), userIds: [userId, ...others].slice(0, MOST_PEOPLE) }
      return `${name}=${sealer.seal(JSON.stringify(remembered), tenant.id)}; ${place}; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax`
    },
  }
}
