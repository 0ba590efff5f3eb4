import * as z from 'zod/mini'
import { toVerifiedToken, type VerifiedToken } from '../verified-token.ts'

/** What introspection tells of a token that is good (RFC 7662 section 2.2). */
export const IntrospectionAnswer = z.looseObject({
  active: z.boolean(),
  sub: z.optional(z.string()),
  client_id: z.optional(z.string()),
  exp: z.optional(z.number()),
  token_type: z.optional(z.string()),
  username: z.optional(z.string()),
  email: z.optional(z.string()),
  cnf: z.optional(z.looseObject({ jkt: z.optional(z.string()) })),
})
export type IntrospectionAnswer = z.infer<typeof IntrospectionAnswer>

/** What a token that is good at this moment says. */
export interface ValidatedToken extends VerifiedToken {
  /** Seconds it is good for yet, unless its login ends before. */
  readonly secondsLeft: number
  /** `Bearer` or `DPoP`; undefined for a refresh token. */
  readonly tokenType?: string
  readonly username?: string
  readonly email?: string
  /** RFC 7638 thumbprint of the key whose proof a request with this token needs (RFC 9449); `createVerifier` checks that. */
  readonly boundTo?: string
}

/** Reads an active answer; `now` is the issuer's time in epoch milliseconds. */
export function toValidatedToken(answer: IntrospectionAnswer, now: number): ValidatedToken {
  const { sub, client_id = '', exp, token_type, username, email, cnf } = answer
  return Object.freeze({
    // A client that acts for itself is its own subject.
    ...toVerifiedToken({ ...(answer as Record<string, unknown>), sub: sub ?? client_id, client_id }),
    secondsLeft: Math.max(0, Math.ceil((exp ?? 0) - now / 1000)),
    ...(token_type !== undefined && { tokenType: token_type }),
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email }),
    ...(cnf?.jkt !== undefined && { boundTo: cnf.jkt }),
  })
}
