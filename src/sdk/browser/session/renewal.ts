import { AuthError, toAuthError } from '../../wire/auth-error.ts'
import type { Exclusively } from '../environment.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import type { ResolvedOptions } from '../options.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { AccessToken } from './access-token.ts'
import type { OpenedStore } from './open-store.ts'
import type { Renewal, RenewDeps } from './renew.ts'
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

/** The steps that get new tokens, one tab at a time, and show how that ended. */
export interface RenewalSteps {
  /** Renews the session, or begins a guest's. */
  renew(): Promise<AccessToken>
  /** Renews it for another company, or for none. */
  switchCompany(company: string | null): Promise<AccessToken>
}

export function createRenewal(deps: RenewalDeps): RenewalSteps {
  const { view } = deps
  const findToken = (session: SessionRecord) => {
    // Tokens of other tabs are taken over for who is here only; at the start that has just become known.
    if (!view.record) view.adopt(session)
    return deps.findToken(session)
  }
  const run = async (step: Step, mayRevive = true): Promise<AccessToken> => {
    const begun = view.epoch
    try {
      const [{ store }, protocol] = await Promise.all([deps.opened, loadProtocol()])
      const renewal = await deps.exclusively(`${deps.prefix}renew`, () => step(protocol, { ...deps, store, findToken }))
      if (begun !== view.epoch) throw new AuthError('not-signed-in')
      show(renewal, deps)
      return renewal.token
    } catch (thrown) {
      const error = begun === view.epoch ? toAuthError(thrown) : new AuthError('not-signed-in')
      const isRevived = error.code === 'session-ended' && mayRevive && (await revive(deps))
      if (isRevived) return run(step, false)
      if (error.code === 'session-ended' && begun === view.epoch) await lose(deps)
      if (error.code === 'not-signed-in') await view.reread()
      else if (deps.options.visit && error.code !== 'session-ended') view.lack(error)
      throw error
    }
  }
  return {
    renew: () => run(({ renew }, having) => renew(having)),
    switchCompany: (company) => run((protocol, having) => protocol.switchCompany(company, having)),
  }
}

type Step = (protocol: Awaited<ReturnType<typeof loadProtocol>>, deps: RenewDeps) => Promise<Renewal>

function show({ record, token, began }: Renewal, { view, tabs, take }: RenewalDeps): void {
  const news = began === 'replaced' ? ({ status: began } as const) : undefined
  const isElsewhere = view.record?.company !== record.company
  view.adopt(record, news)
  if (began || isElsewhere) tabs.tell({ type: 'session-changed', ...(news && { news }) })
  take(token)
}

/** The issuer has ended this sign-in, which says nothing about the portal's own session. */
async function revive({ opened, view, revive }: RenewalDeps): Promise<boolean> {
  const { record: lost } = view
  if (lost?.kind !== 'member') return false
  await revive(lost)
  const { store } = await opened
  await store.change(({ session, ...kept }) => ({ ...kept, ...(session && { session: actingAs(session, lost) }) }))
  await view.reread()
  return view.record !== undefined && view.record.login !== lost.login
}

/** A new sign-in of the same person goes on for the company they had chosen, if its tokens can be renewed for it. */
function actingAs(session: SessionRecord, { login, user, company }: MemberRecord): SessionRecord {
  if (session.kind !== 'member' || session.login === login || session.user.sub !== user.sub) return session
  if (company === undefined || session.company !== undefined || !session.refreshToken) return session
  return { ...session, company }
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
