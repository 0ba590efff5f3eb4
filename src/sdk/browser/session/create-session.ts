import { AuthError } from '../auth-error.ts'
import type { BrowserEnvironment, WakeEvent } from '../environment.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { StateStore } from '../state-store.ts'
import type { AccessToken } from './access-token.ts'
import type { OpenedStore } from './open-store.ts'
import { createRenewal } from './renewal.ts'
import { createRenewer, type Renewer } from './renewer.ts'
import type { Session } from './session.ts'
import type { SessionRecord } from './session-record.ts'
import { createSessionView, type SessionView } from './session-view.ts'
import type { Tabs } from './tabs.ts'
import { createTokenHolder, type TokenHolder } from './token-holder.ts'

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

/** The parts a session is made of. */
interface SessionParts extends SessionDeps {
  view: SessionView
  holder: TokenHolder
  renewer: Renewer<AccessToken>
  /** Keeps a token, tells the other tabs, and plans its renewal. */
  take(token: AccessToken): void
}

/** Makes the session of one client. */
export function createSession(deps: SessionDeps): Session {
  const parts = connect(deps)
  const { view, holder, renewer } = parts
  return {
    get epoch() {
      return view.epoch
    },
    restore: (otherwise) => restore(parts, otherwise),
    begin: (fresh) => begin(parts, fresh),
    end: () => end(parts),
    async accessToken() {
      if (!view.record) throw new AuthError('not-signed-in')
      const token = holder.usable(view.record.login)
      if (!token) return renewer.run()
      if (holder.isDue(token)) renewer.run().catch(() => undefined)
      return token
    },
    refuse: (token) => holder.refuse(token.value),
    key: keyReader(parts),
  }
}

/** Ties view, token, renewals, tabs and the page's waking together. */
function connect(deps: SessionDeps): SessionParts {
  const { clock, env, opened, prefix, state, tabs } = deps
  const onForget = () => {
    holder.drop()
    renewer.reset()
  }
  const plan = (token: AccessToken) => renewer.planIn(token.renewAt - clock.now())
  const take = (token: AccessToken) => {
    holder.take(token)
    plan(token)
  }
  const isOurs = (token: AccessToken) => token.login === view.record?.login
  const onHeard = (token: AccessToken) => {
    plan(token)
    // A renewal may have brought other roles or another name.
    if (token.generation > (view.record?.generation ?? 0)) void view.reread()
  }
  const view = createSessionView({ opened, state, storage: env.storage, prefix, onForget })
  const holder = createTokenHolder({ tabs, clock, isOurs, onHeard })
  const { exclusively, isHidden } = env
  const work = createRenewal({ ...deps, exclusively, view, take, findToken: holder.find })
  const renewer = createRenewer({ work, onRunning: state.setRefreshing, isHidden })
  tabs.onMessage((message) => {
    if (message.type === 'signed-out') view.forget(message.reason)
    if (message.type === 'session-changed') void view.reread()
  })
  env.onWake((event) => void wake(event, view, renewer))
  return { ...deps, view, holder, renewer, take }
}

async function wake(event: WakeEvent, view: SessionView, renewer: Renewer<AccessToken>): Promise<void> {
  // Back must not show a page of somebody who has signed out since, not even while the store is read.
  if (event === 'restored' && view.hasEndedElsewhere()) view.forget('signed-out')
  if (event === 'online') renewer.forgive()
  await view.reread()
  renewer.catchUp()
}

async function restore(
  { opened, state, clock, view }: SessionParts,
  otherwise: Parameters<Session['restore']>[0],
): Promise<void> {
  const begun = view.epoch
  const { store, problem } = await opened
  const { session } = await store.read()
  if (begun !== view.epoch) return
  if (session) {
    clock.setOffset(session.clockOffsetMs)
    view.adopt(session)
  } else if (otherwise) state.setIdentity(otherwise)
  else if (problem === 'silent') state.setIdentity({ status: 'unknown', reason: 'storage' })
  else state.setIdentity({ status: 'signed-out', ...(problem && { reason: 'storage-unavailable' }) })
}

async function begin(
  { opened, renewer, tabs, view, take }: SessionParts,
  { record, token, key }: Parameters<Session['begin']>[0],
): Promise<SessionRecord | undefined> {
  const { store } = await opened
  let replaced: SessionRecord | undefined
  await store.change((current) => {
    replaced = current.session
    return { session: record, ...(key && { key }) }
  })
  renewer.reset()
  view.adopt(record)
  tabs.tell({ type: 'session-changed' })
  take(token)
  return replaced
}

async function end({ opened, tabs, view }: SessionParts): Promise<SessionRecord | undefined> {
  let ended = view.record
  view.markEnd()
  view.forget('signed-out')
  tabs.tell({ type: 'signed-out', reason: 'signed-out' })
  const { store } = await opened
  await store.change((current) => {
    ended = current.session ?? ended
    return {}
  })
  // Once more, for a tab that has read the store between the first message and the change.
  tabs.tell({ type: 'signed-out', reason: 'signed-out' })
  return ended
}

/** Reads the key once for each sign-in. */
function keyReader({ opened, view }: SessionParts): Session['key'] {
  let known: { login: string | undefined; key: CryptoKeyPair | undefined } | undefined
  return async () => {
    const login = view.record?.login
    if (!known || known.login !== login) known = { login, key: (await (await opened).store.read()).key }
    return known.key
  }
}
