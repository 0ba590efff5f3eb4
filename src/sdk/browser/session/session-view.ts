import type { SignedOutReason } from '../auth-state.ts'
import { randomId } from '../base64url.ts'
import type { KeyValueStorage } from '../environment.ts'
import type { StateStore } from '../state-store.ts'
import type { OpenedStore } from './open-store.ts'
import { type SessionRecord, toMemberState } from './session-record.ts'

/** What {@link createSessionView} needs. */
export interface SessionViewDeps {
  opened: Promise<OpenedStore>
  state: StateStore
  storage: KeyValueStorage
  prefix: string
  /** Drops what belongs to the person who is gone. */
  onForget(): void
}

/** The session as this tab knows and shows it. */
export interface SessionView {
  readonly record: SessionRecord | undefined
  /** Counts ends: what was begun under another number is thrown away. */
  readonly epoch: number
  /** Shows who is signed in. */
  adopt(session: SessionRecord): void
  /** Shows that nobody is, and why. */
  forget(reason: SignedOutReason): void
  /** Takes over what other tabs have kept. */
  reread(): Promise<void>
  /** Leaves a mark for tabs that sleep. */
  markEnd(): void
  /** Whether such a mark has been left since this tab last looked. */
  hasEndedElsewhere(): boolean
}

/** Makes a view that shows nobody yet. */
export function createSessionView({ opened, state, storage, prefix, onForget }: SessionViewDeps): SessionView {
  const endMark = `${prefix}ended`
  let record: SessionRecord | undefined
  let epoch = 0
  let knownEnd = storage.get(endMark)

  const adopt = (session: SessionRecord) => {
    record = session
    state.setIdentity(toMemberState(session))
  }
  const forget = (reason: SignedOutReason) => {
    epoch += 1
    record = undefined
    knownEnd = storage.get(endMark)
    onForget()
    state.setIdentity({ status: 'signed-out', reason })
  }
  const reread = async () => {
    // Before the start is over there is nothing to take over into.
    if (state.getState().status === 'loading') return
    const begun = epoch
    const { store } = await opened
    const kept = await store.read().catch(() => undefined)
    if (!kept || begun !== epoch) return
    if (kept.session) adopt(kept.session)
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
    reread,
    markEnd: () => storage.set(endMark, randomId()),
    hasEndedElsewhere: () => storage.get(endMark) !== knownEnd,
  }
}
