import type { DpopKey } from '../../test/dpop-key.ts'
import type { Pkce } from '../../test/flows.ts'

/** The catalog's settings in the model: short, so that ends come up. Seconds. */
export const IDLE_TTL = 2 * 86_400
export const ABSOLUTE_TTL = 6 * 86_400
const GRACE_MS = 30_000
const SKEW_MS = 60_000
const CODE_MEMORY_MS = 86_400_000

export interface ModelToken {
  /** Unknown when the answer that carried it was lost. */
  value: string | undefined
  idleEnd: number
  spentAt?: number
  isSwept?: boolean
}

/** One login, as its person could describe it: nothing here was read from the database. */
export interface ModelLogin {
  name: string
  key: DpopKey | undefined
  /** What every access token of it has to say. */
  claims: { sub: unknown; aud: unknown; client_id: unknown; sid: string; session_id: unknown }
  scope: string[]
  idToken: string
  browser: number
  /** The portal session it was made in. */
  session: number
  /** In order; each is the successor of the one before. */
  tokens: ModelToken[]
  absoluteEnd: number
  isOver: boolean
}

export interface ModelCode {
  value: string
  pkce: Pkce
  key: DpopKey | undefined
  scope: string[]
  browser: number
  session: number
  expiresAt: number
  /** Until when a replay is noticed. */
  keptUntil: number
  guest: ModelGuest | undefined
  spentAt?: number
  isSwept?: boolean
  login?: ModelLogin
}

export interface ModelGuest {
  token: string
  sub: unknown
  sessionId: unknown
  isMember: boolean
}

export interface Model {
  startedAt: number
  logins: ModelLogin[]
  codes: ModelCode[]
  guests: ModelGuest[]
  /** What Ada allows the catalog at the moment. */
  consent: Set<string>
  /** The portal session of each browser, by number; 0 when nobody is signed in. */
  sessions: number[]
  lastSession: number
}

export function emptyModel(startedAt: number): Model {
  const nobody = { logins: [], codes: [], guests: [], sessions: [0, 0] }
  return { startedAt, ...nobody, consent: new Set(), lastSession: 0 }
}

/** What is to happen to a refresh, and what it changes. */
export type RefreshOutcome =
  | { kind: 'rotates' }
  | { kind: 'repeats'; successor: ModelToken }
  | { kind: 'ends' }
  | { kind: 'refused' }

/** The promise of a refresh, said a second time in other words than the server's. */
export function expectedRefresh(login: ModelLogin, position: number, now: number): RefreshOutcome {
  const token = login.tokens[position]
  if (!token || token.isSwept || login.isOver) return { kind: 'refused' }
  if (login.absoluteEnd <= now) return { kind: 'ends' }
  if (token.spentAt === undefined) return { kind: token.idleEnd <= now ? 'ends' : 'rotates' }
  const successor = login.tokens[position + 1]
  if (!successor || successor.isSwept || successor.idleEnd <= now) return { kind: 'ends' }
  const isInGrace = wasWithin(token.spentAt, GRACE_MS, now)
  const wasLost = login.key !== undefined && successor.spentAt === undefined
  return isInGrace || wasLost ? { kind: 'repeats', successor } : { kind: 'ends' }
}

export function applyRefresh(login: ModelLogin, position: number, now: number, given: string | undefined): void {
  const outcome = expectedRefresh(login, position, now)
  const token = login.tokens[position]
  if (outcome.kind === 'ends') login.isOver = true
  if (outcome.kind === 'repeats') outcome.successor.value ??= given
  if (outcome.kind !== 'rotates' || !token) return
  const idleEnd = Math.min(now + IDLE_TTL * 1000, login.absoluteEnd)
  Object.assign(token, { spentAt: now, idleEnd })
  login.tokens.push({ value: given, idleEnd })
}

/** Whether a code buys tokens now; whatever it does otherwise is in the model afterwards. */
export function expectedRedemption(model: Model, code: ModelCode, isRightful: boolean, now: number): boolean {
  if (code.isSwept) return false
  if (code.spentAt !== undefined) {
    const isHonest = isRightful && wasWithin(Math.floor(code.spentAt / 1000) * 1000, GRACE_MS, now)
    if (!isHonest && code.login) code.login.isOver = true
    return false
  }
  if (!isRightful || code.expiresAt <= now) {
    spend(code, now)
    return false
  }
  const isAllowed = code.scope.every((value) => model.consent.has(value))
  return isAllowed && model.sessions[code.browser] === code.session
}

export function spend(code: ModelCode, now: number): void {
  Object.assign(code, { spentAt: now, keptUntil: now + CODE_MEMORY_MS })
}

/** What the sweep forgets. */
export function applySweep(model: Model, now: number): void {
  for (const code of model.codes) code.isSwept ||= code.keptUntil <= now
  for (const login of model.logins) {
    for (const token of login.tokens) token.isSwept ||= token.idleEnd <= now || login.absoluteEnd <= now
  }
}

export function isLive(login: ModelLogin, now: number): boolean {
  return expectedRefresh(login, login.tokens.length - 1, now).kind === 'rotates'
}

function wasWithin(moment: number, windowMs: number, now: number): boolean {
  return now - moment > -SKEW_MS && now - moment < windowMs
}
