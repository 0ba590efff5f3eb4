import { AuthError, toAuthError } from '../auth-error.ts'
import type { Exclusively } from '../environment.ts'
import type { TokenDeps } from '../issuer/token-deps.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { AccessToken } from './access-token.ts'
import type { OpenedStore } from './open-store.ts'
import type { SessionRecord } from './session-record.ts'
import type { SessionView } from './session-view.ts'
import type { Tabs } from './tabs.ts'

/** What {@link createRenewal} needs. */
export interface RenewalDeps extends TokenDeps {
  issuer: string
  opened: Promise<OpenedStore>
  prefix: string
  exclusively: Exclusively
  tabs: Tabs
  view: SessionView
  findToken(session: SessionRecord): Promise<AccessToken | undefined>
  take(token: AccessToken): void
}

/** Makes the step that renews the session, one tab at a time, and shows how that ended. */
export function createRenewal(deps: RenewalDeps): () => Promise<AccessToken> {
  const { view } = deps
  return async () => {
    const begun = view.epoch
    try {
      const [{ store }, { renew }] = await Promise.all([deps.opened, loadProtocol()])
      const renewal = await deps.exclusively(`${deps.prefix}renew`, () => renew({ ...deps, store }))
      if (begun !== view.epoch) throw new AuthError('not-signed-in')
      view.adopt(renewal.record)
      deps.take(renewal.token)
      return renewal.token
    } catch (thrown) {
      const error = begun === view.epoch ? toAuthError(thrown) : new AuthError('not-signed-in')
      if (error.code === 'session-ended') await lose(deps)
      if (error.code === 'not-signed-in') await view.reread()
      throw error
    }
  }
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
