import * as z from 'zod/mini'

/** A successful token answer (RFC 6749 section 5.1), with the continuity id and ISO twins of both ends. */
export const TokenAnswer = z.object({
  access_token: z.string(),
  /** `DPoP` when bound to a key (RFC 9449), else `Bearer`. */
  token_type: z.string(),
  /** Seconds. */
  expires_in: z.number(),
  /** ISO 8601 UTC with milliseconds. */
  access_token_expires_at: z.optional(z.string()),
  scope: z.optional(z.string()),
  /** Survives guest → member. */
  session_id: z.optional(z.string()),
  refresh_token: z.optional(z.string()),
  /** Seconds. */
  refresh_token_expires_in: z.optional(z.number()),
  refresh_token_expires_at: z.optional(z.string()),
  id_token: z.optional(z.string()),
  /** What became of the `guest_token` a sign-in was started with. */
  guest_upgrade: z.optional(z.enum(['pending', 'none'])),
  /** The company that the access token is for. */
  legal_entity_id: z.optional(z.string()),
})
export type TokenAnswer = z.infer<typeof TokenAnswer>

/** An error of a protocol endpoint (RFC 6749 section 5.2). */
export const OAuthErrorAnswer = z.object({
  error: z.string(),
  error_description: z.optional(z.string()),
  /** The reason, where `error` has one word for several: `credentials-wrong`, `account-disabled`, `locked-out`, `busy`, `upstream-…`. */
  code: z.optional(z.string()),
})
export type OAuthErrorAnswer = z.infer<typeof OAuthErrorAnswer>
