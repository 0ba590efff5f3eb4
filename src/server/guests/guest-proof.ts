import type { KoaContextWithOIDC } from 'oidc-provider'
import { errors } from '../engine/engine-errors.ts'
import { validateDpop } from '../engine/internals.ts'
import { createSealer } from '../keys/sealing.ts'
import { isGuestEnded } from '../store/ended-guests.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { GuestSealer, GuestSession } from './guest-session.ts'

/** The guest a sign-in started from, as it travels with the request; `none` when the proof sent was worth nothing. */
export type GuestOfRequest = Pick<GuestSession, 'sessionId' | 'sub' | 'absoluteEnd'> & {
  trackingId?: string | undefined
}

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
        const guest = guests.open(value, Date.now())
        if (guest) checkSessionId(params.session_id, guest)
        // `dpop_jkt` alone only names a key; the engine has checked this proof already and hands it out again.
        const proof = await validateDpop(ctx.oidc.provider, ctx)
        const shown = { clientId: ctx.oidc.client?.clientId, jkt: proof?.thumbprint }
        const isTheirs = guest !== undefined && (await isUsable(tenant, guest, shown))
        params.guest_session = isTheirs ? sealer.seal(JSON.stringify(ofRequest(guest)), tenant.id) : NONE
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

/** Whether whoever shows a guest's token may: its client, with its key, while the guest lives. */
async function isUsable(
  { id, services }: Tenant,
  guest: GuestSession,
  shown: { clientId: string | undefined; jkt: string | undefined },
): Promise<boolean> {
  if (guest.clientId !== shown.clientId) return false
  if (guest.jkt !== undefined && guest.jkt !== shown.jkt) return false
  return !(await isGuestEnded(services.store.db, id, guest.sessionId))
}

type GuestParams = Partial<Record<'guest_token' | 'guest_session' | 'session_id', string | undefined>>

function paramsOf(ctx: KoaContextWithOIDC): GuestParams {
  return ctx.oidc.params as GuestParams
}

/**
 * A session id somebody else chose would let them follow the member (session fixation). Beside a token that can't be
 * read it is forgotten with it: that sign-in gets a new one.
 */
function checkSessionId(sent: string | undefined, guest: GuestSession | undefined): void {
  if (sent === undefined || sent === guest?.sessionId) return
  throw new errors.InvalidRequest('session_id is not the one of this guest_token')
}

function ofRequest({ sessionId, sub, absoluteEnd, context }: GuestSession): GuestOfRequest {
  return { sessionId, sub, absoluteEnd, trackingId: context.anonuserid }
}
