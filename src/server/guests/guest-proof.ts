import type { KoaContextWithOIDC } from 'oidc-provider'
import { errors } from '../engine/engine-errors.ts'
import { validateDpop } from '../engine/internals.ts'
import { createSealer } from '../keys/sealing.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { GuestSealer } from './guest-session.ts'
import { checkSessionId, findShownGuest, type GuestOfRequest } from './shown-guest.ts'

/**
 * Turns the `guest_token` of a pushed authorization request (RFC 9126) into a parameter only we can make, so that the
 * token itself is neither stored nor ever in an address. A token that is no good costs nobody their sign-in.
 */
export interface GuestProofs {
  /** Validators of the engine's extra parameters, in the order they have to run. */
  readonly extraParams: Record<string, (ctx: KoaContextWithOIDC, value: string | undefined) => void | Promise<void>>
  open(parameter: unknown): GuestOfRequest | 'none' | undefined
}

const PUSH = 'pushed_authorization_request'
const NONE = 'none'

export function createGuestProofs(tenant: Tenant, guests: GuestSealer): GuestProofs {
  const sealer = createSealer(tenant.services.secrets, 'guest of a request')
  return {
    extraParams: {
      continued: () => {},
      guest_session(ctx, value) {
        if (value === undefined) return
        const isOurs = ctx.oidc.route !== PUSH && ctx.oidc.entities.PushedAuthorizationRequest !== undefined
        if (!isOurs) throw new errors.InvalidRequest('guest_session is not a parameter of this endpoint')
      },
      async guest_token(ctx, value) {
        const params = paramsOf(ctx)
        if (value === undefined) return checkSessionId(params.session_id, undefined)
        if (ctx.oidc.route !== PUSH)
          throw new errors.InvalidRequest('guest_token is accepted in pushed authorization requests only')
        // `dpop_jkt` alone only names a key; the engine has checked this proof already and hands it out again.
        const proof = await validateDpop(ctx.oidc.provider, ctx)
        const clientId = ctx.oidc.client?.clientId ?? ''
        const shown = { token: value, sessionId: params.session_id, clientId, jkt: proof?.thumbprint }
        const guest = await findShownGuest({ tenant, sealer: guests }, shown)
        params.guest_session = guest === NONE ? NONE : sealer.seal(JSON.stringify(guest), tenant.id)
        params.guest_token = undefined
        params.session_id = undefined
      },
      session_id: () => {},
    },
    open(parameter) {
      if (typeof parameter !== 'string') return undefined
      const plain = parameter === NONE ? null : sealer.open(parameter, tenant.id)
      return plain ? (JSON.parse(Buffer.from(plain).toString()) as GuestOfRequest) : NONE
    },
  }
}

type GuestParams = Partial<Record<'guest_token' | 'guest_session' | 'session_id', string | undefined>>

function paramsOf(ctx: KoaContextWithOIDC): GuestParams {
  return ctx.oidc.params as GuestParams
}
