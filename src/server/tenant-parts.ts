import type { Provider } from 'oidc-provider'
import { type AccessTokenReader, createAccessTokenReader } from './engine/access-token-reader.ts'
import type { GrantParts } from './engine/grants/grant-request.ts'
import { createMintLimit } from './engine/grants/mint-limit.ts'
import { createEngine } from './engine/provider.ts'
import { createGuestLimit } from './guests/guest-limit.ts'
import { createGuestProofs } from './guests/guest-proof.ts'
import { createGuestSealer } from './guests/guest-session.ts'
import { createGuestTemplates } from './guests/guest-templates.ts'
import { interactionPath, leaveSealedCookie } from './interaction/interactions.ts'
import { createRequestSealer, type RequestSealer } from './interaction/sealed-request.ts'
import { createSealer } from './keys/sealing.ts'
import { loadTenantKeys, type SigningJwk } from './keys/tenant-keys.ts'
import { createTokenSigner } from './keys/token-signer.ts'
import type { Tenant } from './tenant/tenant.ts'
import { createUpstreams } from './upstream/upstreams.ts'

/** What the routes of one tenant work with, wherever they are: its keys, its engine, its guests. */
export interface TenantParts extends GrantParts {
  /** Private signing keys. */
  keys: SigningJwk[]
  provider: Provider
  /** Verifies what it has signed, and asks whether it still counts. */
  accessTokens: AccessTokenReader
  /** Seals the request of a sign-in under way. */
  sealer: RequestSealer
}

export async function createTenantParts(tenant: Tenant): Promise<TenantParts> {
  const { store, secrets, limits } = tenant.services
  const keys = await loadTenantKeys(store, createSealer(secrets, 'tenant keys'), tenant.id, Date.now())
  const sealer = createRequestSealer(tenant)
  const guestSealer = createGuestSealer(tenant)
  const accessTokens = createAccessTokenReader(tenant, keys)
  const provider = createEngine(tenant, {
    keys,
    accessTokens,
    guestSealer,
    guestProofs: createGuestProofs(tenant, guestSealer),
    pages: {
      open(ctx, interaction) {
        leaveSealedCookie(ctx, { tenant, sealer }, interaction)
        return interactionPath(tenant, interaction.uid)
      },
    },
  })
  const guests = {
    sealer: guestSealer,
    limit: createGuestLimit(store, tenant.id, limits),
    templates: createGuestTemplates(tenant),
  }
  return {
    tenant,
    keys,
    signer: await createTokenSigner(keys),
    provider,
    accessTokens,
    sealer,
    guests,
    upstreams: createUpstreams(tenant),
    mints: createMintLimit(store, tenant.id),
  }
}
