import { AuthError } from '../../wire/auth-error.ts'
import type { SignInOptions } from '../auth.ts'
import type { Page } from '../environment.ts'
import type { ResolvedOptions } from '../options.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { SignOutPhase } from '../sign-out/phase.ts'
import type { FrameDeps } from '../silent/ask-in-frame.ts'
import type { AttemptData } from './attempt-data.ts'
import { isHomeToo, isRedirectAddress } from './callback-address.ts'
import { readReturnTo } from './return-to.ts'

/** What {@link createSignIn} needs. */
export interface SignInDeps extends FrameDeps {
  page: Page
  phase: SignOutPhase
}

/** Leads to the portal; `restart` carries on from an attempt whose answer was lost. */
export type SignIn = (options?: SignInOptions, restart?: AttemptData) => Promise<void>

/** Makes `signIn`. Two calls at once lead there once; a later call supersedes one the person has broken off. */
export function createSignIn(deps: SignInDeps): SignIn {
  const running = new Map<boolean, Promise<void>>()
  return (options = {}, restart) => {
    // Somebody who presses Sign in must not wait for what is tried behind the page.
    const isSilent = options.prompt === 'none'
    const work = running.get(isSilent) ?? leave(options, restart, deps).finally(() => running.delete(isSilent))
    running.set(isSilent, work)
    return work
  }
}

async function leave(options: SignInOptions, restart: AttemptData | undefined, deps: SignInDeps): Promise<void> {
  const isSilent = options.prompt === 'none'
  const data = restart ?? { returnTo: chooseReturnTo(options.returnTo, deps), isRestart: false, isSilent }
  const { prepareSignIn, signInSilently } = await loadProtocol()
  await deps.phase.over()
  if (isSilent && !restart && (await signInSilently(options, deps))) return
  const { address } = await prepareSignIn(options, data, deps)
  // A restart takes the place of the page it failed on, so that Back doesn't lead to a spent answer.
  if (restart) deps.page.openInstead(address)
  else deps.page.open(address)
}

/** Where a sign-in started on this page should end. */
export function chooseReturnTo(given: string | undefined, { options, page }: SignInDeps): string {
  const { address } = page
  checkOrigin(options, address)
  const asked = readReturnTo(given, address)
  if (asked) return asked
  const isCallback = isRedirectAddress(address, options.redirectUri) && !isHomeToo(options)
  const { pathname, search, hash } = isCallback ? options.homeUri : address
  return pathname + search + hash
}

/** The answer comes to `redirectUri`; what was written down on another origin could not be read there. */
function checkOrigin({ redirectUri }: ResolvedOptions, address: URL): void {
  if (address.origin === redirectUri.origin) return
  const message = `This page is on ${address.origin} but \`redirectUri\` is on ${redirectUri.origin}.`
  throw new AuthError('configuration', { message })
}
