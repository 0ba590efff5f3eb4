import { randomUUID } from 'node:crypto'

/** A guest, as an issuer in process knows it. */
export interface Guest {
  sub: string
  sessionId: string
  jkt: string | undefined
  /** What the visit was begun with, as it goes into tokens. */
  visit: Record<string, string>
  isEnded: boolean
}

const visitParameters = ['anonuserid', 'currency', 'site', 'language']

/** The guests of an issuer, by their refresh tokens. */
export function guestBook() {
  const byToken = new Map<string, Guest>()
  return {
    begin(form: URLSearchParams, jkt: string | undefined): Guest {
      const visit = Object.fromEntries([...form].filter(([name]) => visitParameters.includes(name)))
      return { sub: randomUUID(), sessionId: randomUUID(), jkt, visit, isEnded: false }
    },
    /** A refresh token of this guest; older ones stay good. */
    seal(guest: Guest): string {
      const token = `guest.${randomUUID()}`
      byToken.set(token, guest)
      return token
    },
    /** Undefined when it has ended or whoever shows the token may not. */
    open(token: string | null, jkt: string | undefined): Guest | undefined {
      const guest = byToken.get(token ?? '')
      if (!guest || guest.isEnded || (guest.jkt !== undefined && guest.jkt !== jkt)) return undefined
      return guest
    },
    end(token: string): void {
      const guest = byToken.get(token)
      if (guest) guest.isEnded = true
    },
    endAll(): void {
      for (const guest of byToken.values()) guest.isEnded = true
    },
  }
}
