import * as z from 'zod/mini'

/** An error of our own API: `application/problem+json` (RFC 9457). */
export const ProblemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.optional(z.string()),
  /** One of the server's closed list of codes. */
  code: z.optional(z.string()),
  request_id: z.optional(z.string()),
})
export type ProblemDetails = z.infer<typeof ProblemDetails>
