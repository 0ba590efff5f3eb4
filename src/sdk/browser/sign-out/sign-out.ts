import { AuthError } from '../../wire/auth-error.ts'
import type { SignOutOptions, SignOutScope } from '../auth.ts'
import type { Page } from '../environment.ts'
import type { RevokeDeps } from '../issuer/revoke-token.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Session } from '../session/session.ts'
import type { MemberRecord } from '../session/session-record.ts'
import { leavingAddress, signOutStatePrefix } from './leaving-address.ts'
import type { SignOutPhase } from './phase.ts'
import { revoke } from './revoke.ts'

/** What signing out needs. */
export interface SignOutDeps extends RevokeDeps {
  options: ResolvedOptions
  page: Page
  session: Session
  phase: SignOutPhase
}

const scopes: readonly SignOutScope[] = ['browser', 'app', 'everywhere']

/** Makes `signOut`: what is kept here goes first, then the issuer hears of it (OpenID Connect RP-Initiated Logout 1.0). */
export function createSignOut(deps: SignOutDeps): (options?: SignOutOptions) => Promise<void> {
  let running: Promise<void> | undefined
  const forgetLater = async (work: Promise<void>) => {
    await work.catch(() => undefined)
    // A second click while the page is being left must not end the phase the first one began.
    await deps.phase.over()
    running = undefined
  }
  return ({ scope = 'browser' } = {}) => {
    if (!scopes.includes(scope)) {
      return Promise.reject(
        new AuthError('configuration', { message: `signOut: \`scope\` is one of ${scopes.join(', ')}.` }),
      )
    }
    if (!running) {
      running = scope === 'app' ? signOutOfApp(deps) : signOutAtPortal(scope, deps)
      void forgetLater(running)
    }
    return running
  }
}

/** Tells whether this page was reached from the portal's sign-out, and clears the address bar of its mark. */
export function readSignOutReturn(options: ResolvedOptions, page: Page): boolean {
  const { address } = page
  const isHome = address.origin === options.homeUri.origin && address.pathname === options.homeUri.pathname
  if (!isHome || !address.searchParams.get('state')?.startsWith(signOutStatePrefix)) return false
  address.searchParams.delete('state')
  page.rewrite(address)
  return true
}

async function signOutOfApp(deps: SignOutDeps): Promise<void> {
  await revoke(await deps.session.end('signed-out'), deps)
}

async function signOutAtPortal(scope: 'browser' | 'everywhere', deps: SignOutDeps): Promise<void> {
  // Before anything is published: a guard that sees nobody signed in may call signIn in the same moment.
  deps.phase.start()
  let isLeaving = false
  try {
    const ended = await deps.session.end('signed-out')
    // A guest is not known to the portal's session.
    if (ended?.kind !== 'member') return revoke(ended, deps)
    const address = await leavingAddress(ended, scope, deps)
    if (!address) return leavePortalAlone(ended, scope, deps)
    // The portal ends this too; said twice, it holds even if the person stops the page on its way. Not before it is asked to
    // end everything, though: only a login that still lives shows whose.
    if (scope === 'browser') revoke(ended, deps).catch(() => undefined)
    deps.page.open(address)
    isLeaving = true
  } finally {
    if (!isLeaving) deps.phase.end()
  }
}

async function leavePortalAlone(
  ended: MemberRecord,
  scope: 'browser' | 'everywhere',
  deps: SignOutDeps,
): Promise<void> {
  await revoke(ended, deps)
  if (scope === 'browser') return
  const message = 'signOut: this issuer has no end_session_endpoint, so only this app is signed out.'
  throw new AuthError('configuration', { message })
}
