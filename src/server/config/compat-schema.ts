import * as z from 'zod'

const ONE_DAY = 86_400

/** Settings that OrderCloud keeps with an API client, for one of ours. */
const OrderCloudClient = z.strictObject({
  /** Seconds; longer than any other guest's, because these are not renewed. */
  anonymous_token_ttl: z
    .int()
    .min(1)
    .max(60 * ONE_DAY)
    .default(7 * ONE_DAY),
  /** Who its client credentials stand for. */
  default_context_user: z.string().optional(),
  /** `usrtype` of whoever signs in there. */
  user_type: z.enum(['buyer', 'supplier', 'admin']).default('buyer'),
})
export type OrderCloudClient = z.infer<typeof OrderCloudClient>

const USUAL = OrderCloudClient.parse({})

/** One client answers for an API whose requests name none. */
const ClientRef = z.strictObject({ client_id: z.string().min(1) })

/** The older APIs a tenant answers for. */
export const Compat = z.strictObject({
  ordercloud: z.strictObject({ clients: z.record(z.string(), OrderCloudClient).default({}) }).optional(),
  acp: z.strictObject({}).optional(),
  circle: ClientRef.optional(),
  geolens: ClientRef.optional(),
  emporix: z.strictObject({}).optional(),
})
export type Compat = z.infer<typeof Compat>

/** What OrderCloud would know of a client. */
export function findOrderCloudClient({ ordercloud }: Compat, clientId: string): OrderCloudClient {
  const clients = ordercloud?.clients ?? {}
  return (Object.hasOwn(clients, clientId) ? clients[clientId] : undefined) ?? USUAL
}
