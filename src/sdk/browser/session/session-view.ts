import type { AuthError } from '../../wire/auth-error.ts'
import type { ErrorState, SignedOutReason, UnknownReason, UnknownState } from '../auth-state.ts'
import { randomId } from '../base64url.ts'
import type { KeyValueStorage } from '../environment.ts'
import type { StateStore } from '../state-store.ts'
import { type News, toIdentity } from './identity.ts'
import type { OpenedStore } from './open-store.ts'
import type { SessionRecord } from './session-record.ts'

/** What {@link createSessionView} needs. */
export interface SessionViewDeps {
  opened: Promise<OpenedStore>
  state: StateStore
  storage: KeyValueStorage
  prefix: string
  /** Drops what belongs to who is gone. */
  onForget(): void
  /** Something that the state does not say may have changed. */
  onShown(): void
}

/** The session as this tab knows and shows it. */
export interface SessionView {
  readonly record: SessionRecord | undefined
  /** Counts ends: what was begun under another number is thrown away. */
  readonly epoch: number
  /** Shows who is here, with `given` to tell if that is somebody else than before. */
  adopt(session: SessionRecord, given?: News): void
  /** Shows that nobody is, and why if there is something to tell. */
  forget(reason?: SignedOutReason): void
  /** Takes note of what is to be told while nobody is here, and shows it if that can't wait. */
  announce(given: News | undefined): void
  /** Shows that not even a guest could be had. */
  lack(error: AuthError): void
  /** Takes over what other tabs have kept. */
  reread(given?: News): Promise<void>
  /** Leaves a mark for tabs that sleep. */
  markEnd(): void
  /** Whether such a mark has been left since this tab last looked. */
  hasEndedElsewhere(): boolean
}

/** Makes a view that shows nobody yet. */
export function createSessionView(deps: SessionViewDeps): SessionView {
  const { opened, state, storage, prefix, onForget, onShown } = deps
  const endMark = `${prefix}ended`
  let record: SessionRecord | undefined
  let news: News | undefined
  let epoch = 0
  let knownEnd = storage.get(endMark)

  const adopt = (session: SessionRecord, given?: News) => {
    const isAnother = session.login !== record?.login
    if (session.kind === 'member' || (isAnother && record)) news = undefined
    if (isAnother && given) news = given
    record = session
    state.setIdentity(toIdentity(session, news))
    onShown()
  }
  const forget = (reason?: SignedOutReason) => {
    // A guest has not signed in, so there is nobody to tell that they have signed out.
    const told = record?.kind === 'guest' ? undefined : reason
    const nobody = { status: 'signed-out', ...(told && { reason: told }) } as const
    epoch += 1
    record = undefined
    knownEnd = storage.get(endMark)
    onForget()
    news = nobody
    state.setIdentity(nobody)
    onShown()
  }
  const announce = (given: News | undefined) => {
    news = given
    if (isUrgent(given)) state.setIdentity(given)
  }
  const lack = (error: AuthError) => {
    if (record) return
    if (isUrgent(news)) return state.setIdentity(news)
    state.setIdentity(error.retryable ? { status: 'unknown', reason: lackReason(error) } : { status: 'error', error })
  }
  const reread = async (given?: News) => {
    // Before the start is over there is nothing to take over into.
    if (state.getState().status === 'loading') return
    const begun = epoch
    const { store } = await opened
    const kept = await store.read().catch(() => undefined)
    if (!kept || begun !== epoch) return
    if (kept.session) adopt(kept.session, given)
    else if (record) forget('signed-out')
  }

  return {
    get record() {
      return record
    },
    get epoch() {
      return epoch
    },
    adopt,
    forget,
    announce,
    lack,
    reread,
    markEnd: () => storage.set(endMark, randomId()),
    hasEndedElsewhere: () => storage.get(endMark) !== knownEnd,
  }
}

/** Other news can wait for the guest who is on the way. */
function isUrgent(news: News | undefined): news is UnknownState | ErrorState {
  return news?.status === 'unknown' || news?.status === 'error'
}

function lackReason({ code }: AuthError): UnknownReason {
  if (code === 'rate-limited') return 'guest-limit'
  return code === 'network' || code === 'timeout' ? 'network' : 'server'
}
