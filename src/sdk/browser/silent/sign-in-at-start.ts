import type { Page } from '../environment.ts'
import { type Failure, identityAfter } from '../sign-in/identity-after.ts'
import { type LeaveDeps, leaveAgain } from '../sign-in/leave-again.ts'
import { askInFrame, type FrameDeps } from './ask-in-frame.ts'
import type { Asked } from './asked.ts'
import { findWay } from './find-way.ts'
import { inTime } from './in-time.ts'

/** What {@link signInAtStart} needs. */
export interface StartDeps extends FrameDeps, LeaveDeps {
  page: Page
  asked: Asked
}

/**
 * Asks the portal, where nobody is here, whether it knows the person, as far as the app wants that; answers what there is
 * to say if it could not be found out.
 */
export async function signInAtStart(deps: StartDeps): Promise<Failure | undefined> {
  const news = await inTime(ask(deps), deps).catch((): Failure => ({ status: 'unknown', reason: 'network' }))
  // Who is a guest next has not asked for anything, so nothing has failed for them.
  return deps.options.visit ? undefined : news
}

async function ask(deps: StartDeps): Promise<Failure | undefined> {
  const way = await findWay(deps)
  if (way === 'frame') return askOnce(deps)
  if (way === 'page' && deps.options.silentSignIn === 'redirect') return leaveOnce(deps)
  return { status: 'unknown', reason: 'other-site' }
}

async function askOnce(deps: StartDeps): Promise<Failure | undefined> {
  const { asked } = deps
  const isWanted = (here: unknown) => {
    const isDue = here === undefined && asked.isDue()
    if (isDue) asked.note()
    return isDue
  }
  const completion = await askInFrame({}, deps, isWanted)
  if (completion.kind === 'signed-in') return undefined
  if (completion.kind !== 'declined') asked.forget()
  return identityAfter(completion)
}

/** Leaves for the portal and comes straight back, once in the life of a tab: whatever the answer is, it is no circle. */
async function leaveOnce(deps: StartDeps): Promise<Failure | undefined> {
  const { asked, page } = deps
  if (!asked.isDue() || !asked.takeTurn()) return undefined
  asked.note()
  const { pathname, search, hash } = page.address
  return leaveAgain({ returnTo: pathname + search + hash, isRestart: false, isSilent: true }, deps)
}
