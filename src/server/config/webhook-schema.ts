import * as z from 'zod'
import { WebAddress } from './addresses.ts'

/** The form and the 24 to 64 bytes that Standard Webhooks asks for; receivers decode it, so the padding has to be right. */
const WebhookSecret = z
  .string()
  .regex(
    /^whsec_(?=.{32,88}$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
    'must be whsec_ and 24 to 64 random bytes in base64',
  )

/** Who hears of events, over Standard Webhooks. */
export const Webhook = z.strictObject({
  url: WebAddress,
  secret: WebhookSecret,
  events: z.array(z.enum(['guest.upgraded'])).min(1),
})
