import { AuthError } from '../../wire/auth-error.ts'
import type { SignedOutState, UnknownState } from '../auth-state.ts'
import type { BrowserEnvironment, WakeEvent } from '../environment.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Asked } from '../silent/asked.ts'
import type { StateStore } from '../state-store.ts'
import type { AccessToken } from './access-token.ts'
import type { OpenedStore } from './open-store.ts'
import { createRenewal, type RenewalSteps } from './renewal.ts'
import { createRenewer, type Renewer } from './renewer.ts'
import type { Session } from './session.ts'
import type { MemberRecord, SessionRecord } from './session-record.ts'
import type { StoredClient } from './session-store.ts'
import { createSessionView, type SessionView } from './session-view.ts'
import type { Tabs } from './tabs.ts'
import { createTokenHolder, type TokenHolder } from './token-holder.ts'

/** What a session needs. */
export interface SessionDeps extends TokenDeps {
  options: ResolvedOptions
  env: Pick<BrowserEnvironment, 'exclusively' | 'onWake' | 'isHidden' | 'storage'>
  state: StateStore
  tabs: Tabs
  opened: Promise<OpenedStore>
  /** Begins the names of this client's locks and markers. */
  prefix: string
  asked: Asked
  /** Something that the state does not say may have changed. */
  onShown(): void
  /** Signs a member in again whose refresh token is gone, if it can be done without a page. */
  revive(lost: MemberRecord): Promise<void>
}

/** The parts a session is made of. */
interface SessionParts extends SessionDeps {
  view: SessionView
  holder: TokenHolder
  renewer: Renewer<AccessToken>
  switchCompany: RenewalSteps['switchCompany']
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
    get record() {
      return view.record
    },
    restore: (news) => restore(parts, news),
    begin: (fresh) => begin(parts, fresh),
    end: (reason) => end(parts, reason),
    settleUpgrade: (login, status) => settleUpgrade(parts, login, status),
    async accessToken() {
      if (!view.record) {
        if (deps.options.visit) return renewer.run()
        throw new AuthError('not-signed-in')
      }
      const token = holder.usable(view.record)
      if (!token) return renewer.run()
      if (holder.isDue(token)) renewer.run().catch(() => undefined)
      return token
    },
    async switchCompany(company) {
      await parts.switchCompany(company)
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
    // Somebody is always here: a tab that is looked at begins a new guest, others when they are looked at.
    if (deps.options.visit) renewer.planIn(0)
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
  const { onShown } = deps
  const view = createSessionView({ opened, state, storage: env.storage, prefix, onForget, onShown })
  const holder = createTokenHolder({ tabs, clock, isOurs, onHeard })
  const { exclusively, isHidden } = env
  const steps = createRenewal({ ...deps, exclusively, view, take, findToken: holder.find })
  const renewer = createRenewer({ work: steps.renew, onRunning: state.setRefreshing, isHidden })
  tabs.onMessage((message) => {
    if (message.type === 'session-changed') void view.reread(message.news)
    if (message.type !== 'signed-out') return
    // What this page keeps for itself is not emptied by the tab that tells.
    void opened.then(({ store }) => (store.isLasting ? undefined : store.change(() => ({}))))
    view.forget(message.reason)
  })
  env.onWake((event) => void wake(event, { view, holder, renewer }))
  return { ...deps, view, holder, renewer, switchCompany: steps.switchCompany, take }
}

async function wake(
  event: WakeEvent,
  { view, holder, renewer }: Pick<SessionParts, 'view' | 'holder' | 'renewer'>,
): Promise<void> {
  // Back must not show a page of somebody who has signed out since, not even while the store is read.
  if (event === 'restored' && view.hasEndedElsewhere()) view.forget('signed-out')
  if (event === 'online') renewer.forgive()
  await view.reread()
  if (event === 'restored' && view.record?.kind === 'member') askIssuer(view.record, holder, renewer)
  else renewer.catchUp()
}

/** They may have signed out at another app, of which only the issuer knows. */
function askIssuer(member: MemberRecord, holder: TokenHolder, renewer: Renewer<AccessToken>): void {
  const token = holder.usable(member)
  if (token) holder.refuse(token.value)
  renewer.run().catch(() => undefined)
}

async function restore(
  { opened, options, state, clock, view, renewer }: SessionParts,
  news?: Parameters<Session['restore']>[0],
): Promise<void> {
  const begun = view.epoch
  const { store, problem } = await opened
  const kept = await store.read()
  const isLeftOver = kept.session?.kind === 'guest' && !options.visit
  const { session } = isLeftOver ? await store.change(withoutGuest) : kept
  if (begun !== view.epoch) return
  const told = news ?? newsOf(problem)
  if (session) {
    clock.setOffset(session.clockOffsetMs)
    view.adopt(session, told)
  } else if (!options.visit) state.setIdentity(told ?? { status: 'signed-out' })
  else {
    view.announce(told)
    await renewer.run().catch(() => undefined)
  }
}

/** An app may have had guests once. */
function withoutGuest(kept: StoredClient): StoredClient {
  return kept.session?.kind === 'guest' ? {} : kept
}

function newsOf(problem: OpenedStore['problem']): SignedOutState | UnknownState | undefined {
  if (problem === 'silent') return { status: 'unknown', reason: 'storage' }
  return problem && { status: 'signed-out', reason: 'storage-unavailable' }
}

async function begin(
  { asked, opened, renewer, tabs, view, take }: SessionParts,
  { record, token, key }: Parameters<Session['begin']>[0],
): Promise<SessionRecord | undefined> {
  const { store } = await opened
  let replaced: SessionRecord | undefined
  await store.change((current) => {
    replaced = current.session
    return { session: record, ...(key && { key }) }
  })
  asked.forget()
  renewer.reset()
  view.adopt(record)
  tabs.tell({ type: 'session-changed' })
  take(token)
  return replaced
}

async function end(
  { asked, opened, tabs, view }: SessionParts,
  reason?: 'signed-out',
): Promise<SessionRecord | undefined> {
  let ended = view.record
  view.markEnd()
  if (reason) asked.forbid()
  // Begun before anybody hears of it: a tab that looks into the store after the news finds nobody.
  const emptied = opened.then(({ store }) =>
    store.change((current) => {
      ended = current.session ?? ended
      return {}
    }),
  )
  view.forget(reason)
  await emptied
  tabs.tell({ type: 'signed-out', ...(reason && { reason }) })
  return ended
}

async function settleUpgrade(
  { opened, tabs, view }: SessionParts,
  login: string,
  status: MemberRecord['guestUpgrade'],
): Promise<void> {
  const { store } = await opened
  const { session } = await store.change((current) =>
    current.session?.kind === 'member' && current.session.login === login
      ? { ...current, session: { ...current.session, ...(status && { guestUpgrade: status }) } }
      : current,
  )
  if (session?.login !== login || view.record?.login !== login) return
  view.adopt(session)
  tabs.tell({ type: 'session-changed' })
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
