import { AuthError, toAuthError } from '../auth-error.ts'
import type { SignedOutReason } from '../auth-state.ts'
import { randomId } from '../base64url.ts'
import type { BrowserEnvironment, WakeEvent } from '../environment.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { StateStore } from '../state-store.ts'
import type { AccessToken } from './access-token.ts'
import type { OpenedStore } from './open-store.ts'
import { createRenewer } from './renewer.ts'
import type { Session } from './session.ts'
import { type SessionRecord, toMemberState } from './session-record.ts'
import type { Tabs } from './tabs.ts'
import { createTokenHolder } from './token-holder.ts'

/** What a session needs. */
export interface SessionDeps extends TokenDeps {
  issuer: string
  env: Pick<BrowserEnvironment, 'exclusively' | 'onWake' | 'isHidden' | 'storage'>
  state: StateStore
  tabs: Tabs
  opened: Promise<OpenedStore>
  /** Begins the names of this client's locks and markers. */
  prefix: string
}

/** Makes the session of one client. */
export function createSession(deps: SessionDeps): Session {
  const { clock, env, opened, prefix, state, tabs } = deps
  const endMarker = `${prefix}ended`
  let record: SessionRecord | undefined
  let epoch = 0
  let known: { login: string | undefined; key: CryptoKeyPair | undefined } | undefined
  let knownEnd = env.storage.get(endMarker)

  const holder = createTokenHolder({ tabs, clock, onHeard: heard })
  const renewer = createRenewer({ work: renewNow, onRunning: state.setRefreshing, isHidden: env.isHidden })
  tabs.onMessage((message) => {
    if (message.type === 'signed-out') forget(message.reason)
    if (message.type === 'session-changed') void reread()
  })
  env.onWake((event) => void wake(event))

  function adopt(session: SessionRecord): void {
    record = session
    state.setIdentity(toMemberState(session))
  }

  function take(token: AccessToken): void {
    holder.take(token)
    renewer.planIn(token.renewAt - clock.now())
  }

  function forget(reason: SignedOutReason): void {
    epoch += 1
    record = undefined
    knownEnd = env.storage.get(endMarker)
    holder.drop()
    renewer.reset()
    state.setIdentity({ status: 'signed-out', reason })
  }

  function heard(token: AccessToken): void {
    if (token.login !== record?.login) return
    renewer.planIn(token.renewAt - clock.now())
    // A renewal may have brought other roles or another name.
    if (token.generation > record.generation) void reread()
  }

  /** Takes over what other tabs have done. Before the start is over there is nothing to take over into. */
  async function reread(): Promise<void> {
    if (state.getState().status === 'loading') return
    const before = epoch
    const { store } = await opened
    const kept = await store.read().catch(() => undefined)
    if (!kept || before !== epoch) return
    if (kept.session) adopt(kept.session)
    else if (record) forget('signed-out')
  }

  async function wake(event: WakeEvent): Promise<void> {
    if (event === 'restored' && env.storage.get(endMarker) !== knownEnd) {
      // Back must not show a page of somebody who has signed out since, not even while the store is read.
      forget('signed-out')
    }
    if (event === 'online') renewer.forgive()
    await reread()
    renewer.catchUp()
  }

  async function renewNow(): Promise<AccessToken> {
    const begun = epoch
    try {
      const [{ store }, { renew }] = await Promise.all([opened, loadProtocol()])
      const work = () => renew({ ...deps, store, findToken: holder.find })
      const renewal = await env.exclusively(`${prefix}renew`, work)
      if (begun !== epoch) throw new AuthError('not-signed-in')
      adopt(renewal.record)
      take(renewal.token)
      return renewal.token
    } catch (thrown) {
      const error = begun === epoch ? toAuthError(thrown) : new AuthError('not-signed-in')
      if (error.code === 'session-ended') await lose()
      if (error.code === 'not-signed-in') await reread()
      throw error
    }
  }

  /** The issuer has ended this sign-in. The key stays: a sign-in under way in another tab may be bound to it. */
  async function lose(): Promise<void> {
    const { store } = await opened
    const lost = record?.login
    const { session } = await store.change(({ session, key }) =>
      session && session.login !== lost ? { session, ...(key && { key }) } : { ...(key && { key }) },
    )
    if (session) return adopt(session)
    forget('session-ended')
    tabs.tell({ type: 'signed-out', reason: 'session-ended' })
  }

  return {
    async restore(otherwise) {
      const before = epoch
      const { store, problem } = await opened
      const { session } = await store.read()
      if (before !== epoch) return
      if (session) {
        clock.setOffset(session.clockOffsetMs)
        adopt(session)
      } else if (otherwise) state.setIdentity(otherwise)
      else if (problem === 'silent') state.setIdentity({ status: 'unknown', reason: 'storage' })
      else state.setIdentity({ status: 'signed-out', ...(problem && { reason: 'storage-unavailable' }) })
    },
    async begin({ record: session, token, key }) {
      const { store } = await opened
      let replaced: SessionRecord | undefined
      await store.change((current) => {
        replaced = current.session
        return { session, ...(key && { key }) }
      })
      renewer.reset()
      adopt(session)
      tabs.tell({ type: 'session-changed' })
      take(token)
      return replaced
    },
    async end() {
      let ended = record
      env.storage.set(endMarker, randomId())
      forget('signed-out')
      tabs.tell({ type: 'signed-out', reason: 'signed-out' })
      const { store } = await opened
      await store.change((current) => {
        ended = current.session ?? ended
        return {}
      })
      // Once more, for a tab that has read the store between the first message and the change.
      tabs.tell({ type: 'signed-out', reason: 'signed-out' })
      return ended
    },
    async accessToken() {
      if (!record) throw new AuthError('not-signed-in')
      const token = holder.usable(record.login)
      if (!token) return renewer.run()
      if (holder.isDue(token)) renewer.run().catch(() => undefined)
      return token
    },
    async key() {
      const login = record?.login
      if (known?.login !== login || !known) known = { login, key: (await (await opened).store.read()).key }
      return known.key
    },
    refuse: (token) => holder.refuse(token.value),
    get epoch() {
      return epoch
    },
  }
}
