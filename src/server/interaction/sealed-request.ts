import type { UnknownObject } from 'oidc-provider'
import { createSealer } from '../keys/sealing.ts'
import type { Tenant } from '../tenant/tenant.ts'

/** How long a page left open still works. */
export const SEALED_REQUEST_TTL_SECONDS = 7 * 86_400

/** Keeps a resolved authorization request in the page itself, so that it outlives the server's record of it. */
export interface RequestSealer {
  seal(params: UnknownObject): string
  /** Nothing when it isn't ours, was changed, or is older than a week. */
  open(sealed: string | undefined): UnknownObject | undefined
}

export function createRequestSealer(tenant: Tenant): RequestSealer {
  const sealer = createSealer(tenant.services.secrets, 'authorization request')
  return {
    seal: (params) => sealer.seal(JSON.stringify({ params, sealedAt: Date.now() }), tenant.id),
    open(sealed) {
      const plain = sealed ? sealer.open(sealed, tenant.id) : null
      if (!plain) return undefined
      const { params, sealedAt } = JSON.parse(Buffer.from(plain).toString()) as {
        params: UnknownObject
        sealedAt: number
      }
      return Date.now() - sealedAt < SEALED_REQUEST_TTL_SECONDS * 1000 ? params : undefined
    },
  }
}
