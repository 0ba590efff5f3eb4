import { AuthError, toAuthError } from '../auth-error.ts'
import type { Exclusively } from '../environment.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { ResolvedOptions } from '../options.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { AccessToken } from './access-token.ts'
import type { OpenedStore } from './open-store.ts'
import type { Renewal } from './renew.ts'
import type { MemberRecord, SessionRecord } from './session-record.ts'
import type { SessionView } from './session-view.ts'
import type { Tabs } from './tabs.ts'

/** What {@link createRenewal} needs. */
export interface RenewalDeps extends TokenDeps {
  options: ResolvedOptions
  opened: Promise<OpenedStore>
  prefix: string
  exclusively: Exclusively
  tabs: Tabs
  view: SessionView
  findToken(session: SessionRecord): Promise<AccessToken | undefined>
  revive(lost: MemberRecord): Promise<void>
  take(token: AccessToken): void
}

/** Makes the step that renews the session or begins a guest's, one tab at a time, and shows how that ended. */
export function createRenewal(deps: RenewalDeps): () => Promise<AccessToken> {
  const { view } = deps
  const findToken = (session: SessionRecord) => {
    // Tokens of other tabs are taken over for who is here only; at the start that has just become known.
    if (!view.record) view.adopt(session)
    return deps.findToken(session)
  }
  return async () => {
    const begun = view.epoch
    try {
      const [{ store }, { renew }] = await Promise.all([deps.opened, loadProtocol()])
      const renewal = await deps.exclusively(`${deps.prefix}renew`, () => renew({ ...deps, store, findToken }))
      if (begun !== view.epoch) throw new AuthError('not-signed-in')
      show(renewal, deps)
      return renewal.token
    } catch (thrown) {
      const error = begun === view.epoch ? toAuthError(thrown) : new AuthError('not-signed-in')
      const revived = error.code === 'session-ended' && (await revive(deps))
      if (revived) return revived
      if (error.code === 'session-ended' && begun === view.epoch) await lose(deps)
      if (error.code === 'not-signed-in') await view.reread()
      else if (deps.options.visit && error.code !== 'session-ended') view.lack(error)
      throw error
    }
  }
}

function show({ record, token, began }: Renewal, { view, tabs, take }: RenewalDeps): void {
  const news = began === 'replaced' ? ({ status: began } as const) : undefined
  view.adopt(record, news)
  if (began) tabs.tell({ type: 'session-changed', ...(news && { news }) })
  take(token)
}

/** The issuer has ended this sign-in, which says nothing about the portal's own session. */
async function revive({ view, revive, findToken }: RenewalDeps): Promise<AccessToken | undefined> {
  const { record: lost } = view
  if (lost?.kind !== 'member') return undefined
  await revive(lost)
  await view.reread()
  const { record: now } = view
  return now && now.login !== lost.login ? findToken(now) : undefined
}

/** The issuer has ended this sign-in. The key stays: a sign-in under way in another tab may be bound to it. */
async function lose({ opened, view, tabs }: RenewalDeps): Promise<void> {
  const { store } = await opened
  const lost = view.record?.login
  const { session } = await store.change(({ session: kept, key }) => ({
    ...(kept && kept.login !== lost && { session: kept }),
    ...(key && { key }),
  }))
  if (session) return view.adopt(session)
  view.forget('session-ended')
  tabs.tell({ type: 'signed-out', reason: 'session-ended' })
}
