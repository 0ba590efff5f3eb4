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

/** Accounts that an app's own form makes. */
const SignUp = z.strictObject({
  /** Of whoever signs up. */
  roles: z.array(z.string()).default([]),
  /** At least; their own rule is 6 (NIST SP 800-63B-4 section 3.1.1.2 asks for 15 where nothing else protects an account). */
  password_characters: z.int().min(6).max(100).default(15),
})

/** The older APIs a tenant answers for. */
export const Compat = z.strictObject({
  ordercloud: z.strictObject({ clients: z.record(z.string(), OrderCloudClient).default({}) }).optional(),
  acp: z.strictObject({}).optional(),
  circle: ClientRef.optional(),
  geolens: ClientRef.optional(),
  emporix: z.strictObject({ signup: SignUp.optional() }).optional(),
})
export type Compat = z.infer<typeof Compat>

/** What OrderCloud would know of a client. */
export function findOrderCloudClient({ ordercloud }: Compat, clientId: string): OrderCloudClient {
  const clients = ordercloud?.clients ?? {}
  return (Object.hasOwn(clients, clientId) ? clients[clientId] : undefined) ?? USUAL
}
