import * as z from 'zod'
import { WebAddress } from './addresses.ts'

// Keys whose features come later: their shape is fixed and checked, and `not-yet.ts` refuses their use.

export const Mail = z.strictObject({ smtp: z.url({ protocol: /^smtps?$/ }), from: z.string().min(3) })

export const Upstream = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  issuer: WebAddress,
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional(),
  scope: z.string().default('openid email'),
  match: z.enum(['subject', 'email']).default('subject'),
  provision: z.boolean().default(false),
})
