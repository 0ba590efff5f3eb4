import * as z from 'zod'
import { TooManyRequests } from '../../engine/too-many-requests.ts'
import { PasswordQueueFull } from '../../passwords/bounded-queue.ts'
import type { Tenant } from '../../tenant/tenant.ts'
import { type Registration, registerPerson } from '../../users/register-person.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { CompatRefused } from '../refusal.ts'
import { readVisitor } from './bearer.ts'
import type { FindShop, Shop } from './shops.ts'

const BUSY_RETRY_SECONDS = 5

const PASSWORD_CHARACTERS = 4_000
const Name = z
  .string()
  .max(100, 'at most 100 characters')
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')

function fieldsFor(leastCharacters: number) {
  return z.object({
    email: z.string('is required').trim().pipe(z.email('must be an e-mail address').max(254)),
    password: z
      .string('is required')
      .min(leastCharacters, `must have at least ${leastCharacters} characters`)
      .max(PASSWORD_CHARACTERS, `at most ${PASSWORD_CHARACTERS} characters`),
    customerDetails: z.object({ firstName: Name.optional(), lastName: Name.optional() }).optional(),
  })
}

/** A visitor gets an account, and signs in with it in a request of its own. */
export function signUpRoute(shops: FindShop): CompatRoute {
  return {
    method: 'POST',
    path: '/signup',
    cors: 'clients',
    body: ['json'],
    async answer(call) {
      const shop = shops(call.params.tenant)
      return { status: 201, body: await recordRefusals(shop.tenant, call, (known) => signUp(shop, call, known)) }
    },
  }
}

async function signUp(shop: Shop, call: CompatCall, known: Known) {
  const { tenant } = shop
  const rules = tenant.config.compat.emporix?.signup
  if (!rules) throw new CompatRefused('access_denied', 'accounts are not made here')
  const { client } = await readVisitor(shop, call, known)
  const { email, password, customerDetails } = readFields(fieldsFor(rules.password_characters), call.fields)
  const wait = await shop.signUps.secondsToWait(call.origin.ip, Date.now())
  if (wait > 0) throw new TooManyRequests(wait, `too many new accounts from this network: try again in ${wait} s`)
  const { firstName = '', lastName = '' } = customerDetails ?? {}
  const id = await register(tenant, {
    email,
    password,
    name: `${firstName} ${lastName}`.trim() || undefined,
    roles: rules.roles,
    clientId: client.client_id,
    origin: call.origin,
  })
  if (id === undefined) throw new CompatRefused('conflict', 'there is an account with this e-mail address')
  return { id }
}

async function register(tenant: Tenant, registration: Registration): Promise<string | undefined> {
  try {
    return await registerPerson(tenant, registration)
  } catch (error) {
    if (!(error instanceof PasswordQueueFull)) throw error
    throw new TooManyRequests(BUSY_RETRY_SECONDS, 'too many people are signing in: try again in a moment')
  }
}
