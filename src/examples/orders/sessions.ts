import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { EndedLogin } from './logout-token.ts'
import type { Attempt, Person } from './portal.ts'

/** What we know about one browser: its sign-ins under way, by state, and who it is signed in as. */
export interface Session {
  attempts: Map<string, Attempt>
  person?: Person
}

/** Sessions of this process, found by a cookie that says nothing in itself. */
export interface Sessions {
  find(request: IncomingMessage): Session | undefined
  /** A new session and the `Set-Cookie` for it; one that the request had is over. */
  start(request: IncomingMessage, session: Session): string
  end(request: IncomingMessage): string
  /** Ends what belongs to a login that has ended at the portal, in whichever browser. */
  endLogin(login: EndedLogin): void
}

/** Cookies don't know ports, and every app of the demo is on localhost. */
const NAME = 'orders_session'
const LIFETIME_MS = 8 * 3_600_000
const LIMIT = 10_000

export function createSessions(now: () => number = Date.now): Sessions {
  const sessions = new Map<string, { session: Session; endsAt: number }>()

  return {
    find(request) {
      const kept = sessions.get(idOf(request) ?? '')
      return kept && kept.endsAt > now() ? kept.session : undefined
    },
    start(request, session) {
      sessions.delete(idOf(request) ?? '')
      forgetSome()
      const id = randomBytes(32).toString('base64url')
      sessions.set(id, { session, endsAt: now() + LIFETIME_MS })
      return `${NAME}=${id}; Path=/; HttpOnly; SameSite=Lax`
    },
    end(request) {
      sessions.delete(idOf(request) ?? '')
      return `${NAME}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`
    },
    endLogin({ sid, sub }) {
      for (const [id, { session }] of sessions) {
        const isMeant = sid === undefined ? session.person?.sub === sub : session.person?.sid === sid
        if (isMeant) sessions.delete(id)
      }
    },
  }

  /** Whoever only knocks must not fill the memory: the oldest go first. */
  function forgetSome(): void {
    for (const [id, { endsAt }] of sessions) {
      if (endsAt > now() && sessions.size < LIMIT) return
      sessions.delete(id)
    }
  }
}

function idOf({ headers }: IncomingMessage): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([name]) => name === NAME)?.[1]
}
