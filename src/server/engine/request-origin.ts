import type { KoaContextWithOIDC } from 'oidc-provider'

/** Where a request came from, for the audit. */
export interface RequestOrigin {
  ip: string
  requestId: string
  /** `Origin`: sent by pages, and only by them. */
  page?: string | undefined
}

/** The edge names both on the raw request before it hands it to the engine. */
export function requestOrigin(ctx: KoaContextWithOIDC): RequestOrigin {
  const { portico } = ctx.req as typeof ctx.req & { portico?: RequestOrigin }
  return portico ?? { ip: '', requestId: '' }
}
