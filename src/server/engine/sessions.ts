import type { IncomingMessage, ServerResponse } from 'node:http'
import { Provider, type Session } from 'oidc-provider'
import { renameRecord } from '../store/engine-records.ts'
import { endFamiliesBySession } from '../store/families.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { endEverywhere } from '../users/end-everywhere.ts'
import { isEverywhere } from './sign-out-scope.ts'

/** The engine's session model with the members it keeps to itself. */
type EngineSession = Omit<Session, 'exp'> & {
  oldId?: string | undefined
  exp?: number
  /** Whether this request has signed somebody in, rather than repeated a sign-in of a step before. */
  isNewSignIn?: boolean
}

/**
 * Makes the portal session safe to race with: a sign-in's new id replaces the old one in place, an ended session is never written
 * again by a request that had read it before, and ending it ends its logins in the same transaction, or all that its
 * person is signed in to.
 */
export function installSessionRules(provider: Provider, tenant: Tenant): void {
  const { store, events } = tenant.services
  const key = (id: string) => ({ tenant: tenant.id, model: 'Session', id })
  const prototype = provider.Session.prototype as EngineSession
  const { save, destroy, loginAccount, resetIdentifier } = prototype

  prototype.loginAccount = function (details) {
    this.isNewSignIn = details.accountId !== this.accountId || details.loginTs !== this.loginTs
    loginAccount.call(this, details)
  }

  // A new id is for who signs in; at every step, one lost answer would leave the browser with an id that is dead.
  prototype.resetIdentifier = function () {
    const { result } = Provider.ctx?.oidc ?? {}
    if (result?.login && (this.isNewSignIn || !result.consent)) resetIdentifier.call(this)
  }

  prototype.save = function (ttl) {
    return store.transaction(async (tx) => {
      // Only a session that came out of the store has an end yet.
      const wasStored = this.exp !== undefined
      const oldId = this.oldId ?? this.jti
      this.oldId = undefined
      if (wasStored && !(await renameRecord(tx, key(oldId), this.jti))) return this.jti
      return save.call(this, ttl)
    })
  }

  prototype.destroy = async function () {
    const ending = { tenant: tenant.id, reason: 'signed-out' }
    const { uid: sessionUid, accountId: userId } = this
    await store.transaction(async (tx) => {
      // The session first: a code redeemed meanwhile holds its row, so its family is there when the families end.
      await destroy.call(this)
      if (userId !== undefined && isEverywhere(Provider.ctx)) await endEverywhere(tx, { ...ending, userId }, Date.now())
      else await endFamiliesBySession(tx, { ...ending, sessionUid }, Date.now())
    })
    events.wake()
  }
}

/** The portal session a request carries; a fresh, unsaved one when it carries none. */
export function loadSession(provider: Provider, req: IncomingMessage, res: ServerResponse): Promise<Session> {
  const get = provider.Session.get as unknown as (ctx: {
    req: IncomingMessage
    res: ServerResponse
  }) => Promise<Session>
  return get.call(provider.Session, { req, res })
}

/** Seconds a session may still lie idle, never past its absolute end (NIST SP 800-63B section 5.2). */
export function sessionTtlSeconds(tenant: Tenant, session: { loginTs?: number | undefined }): number {
  const { idle_ttl, absolute_ttl } = tenant.config.session
  if (session.loginTs === undefined) return idle_ttl
  const left = session.loginTs + absolute_ttl - Math.floor(Date.now() / 1000)
  return Math.max(1, Math.min(idle_ttl, left))
}
