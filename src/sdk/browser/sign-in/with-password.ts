import { abortable } from '../../wire/abortable.ts'
import { readArguments } from '../../wire/arguments.ts'
import { AuthError } from '../../wire/auth-error.ts'
import { type CallOptions, within } from '../../wire/call.ts'
import { knownRefusals, refusal } from '../../wire/refusal.ts'
import type { PasswordSignIn } from '../auth.ts'
import { createKeyPair } from '../dpop/key.ts'
import { requestTokens } from '../issuer/request-tokens.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { ResolvedOptions } from '../options.ts'
import type { OpenedStore } from '../session/open-store.ts'
import type { SessionRecord } from '../session/session-record.ts'
import type { SignOutPhase } from '../sign-out/phase.ts'
import { checkIdToken } from './id-token.ts'
import { discardSignIn, type KeepDeps, keepSignIn } from './keep-sign-in.ts'

/** What {@link signInWithPassword} needs. */
export interface PasswordDeps extends TokenDeps, KeepDeps {
  options: ResolvedOptions
  opened: Promise<OpenedStore>
  phase: SignOutPhase
  /** Resolves when it is known who is here. */
  ready: Promise<void>
}

const refusals = { ...knownRefusals, invalid_grant: 'wrong-credentials' } as const

/** Signs in with a password typed into this page (RFC 6749 section 4.3), bringing the guest who is here along. */
export function signInWithPassword(given: PasswordSignIn, limits: CallOptions, deps: PasswordDeps): Promise<void> {
  return within('signInWithPassword', limits, async (call) => {
    const typed = readTyped(given, deps.options)
    await abortable(Promise.all([deps.ready, deps.phase.over()]), call.signal)
    const { epoch } = deps.session
    const { store } = await deps.opened
    const { session: here, key: kept } = await store.read()
    const key = deps.options.dpop ? (kept ?? (await createKeyPair())) : undefined
    // Sent once: a second try would count towards the limits, and the guest is spent by the first.
    const tokens = await requestTokens({ grant: { ...typed, ...guestOf(here) }, key, refusals, call }, deps)
    const { issuer, clientId } = deps.options
    const idToken = checkIdToken(tokens.idToken, { issuer, clientId, now: deps.clock.now() })
    const completion = { kind: 'signed-in', tokens, idToken, key } as const
    if (epoch === deps.session.epoch) return keepSignIn(completion, deps)
    discardSignIn(completion, deps)
    throw new AuthError('not-signed-in', { message: 'Somebody signed out while this sign-in was on its way.' })
  })
}

function readTyped(given: PasswordSignIn, { scope }: ResolvedOptions): Record<string, string> {
  const read = readArguments('signInWithPassword', given, ['username', 'password', 'scope', 'customRoles'])
  if (given.username === '' || given.password === '') throw refusal('wrong-credentials')
  const asked = read.scope('scope')
  const roles = read.scope('customRoles')
  return {
    grant_type: 'password',
    username: read.text('username'),
    password: read.secret('password'),
    // Without it there is no ID token, and nobody would know who this is.
    scope: [...new Set(['openid', ...(asked?.split(' ') ?? scope)])].join(' '),
    ...(roles !== undefined && { custom_roles: roles }),
  }
}

function guestOf(here: SessionRecord | undefined): { guest_token?: string } {
  return here?.kind === 'guest' && here.refreshToken ? { guest_token: here.refreshToken } : {}
}
