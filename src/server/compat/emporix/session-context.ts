import * as z from 'zod'
import type { SessionContextValues } from '../../store/session-contexts.ts'
import { findSessionContext, updateSessionContext } from '../../store/session-contexts.ts'
import type { CompatCall, CompatRoute } from '../compat-area.ts'
import { readFields } from '../read-fields.ts'
import { type Known, recordRefusals } from '../record-refusals.ts'
import { CompatRefused } from '../refusal.ts'
import { type Bearer, readBearer } from './bearer.ts'
import type { FindShop, Shop } from './shops.ts'
import { FIRST_VERSION, forgetContextAt, toldAtStart } from './told-at-start.ts'

const PATH = '/me/context'
const VALUE_CHARACTERS = 200
/** All of `context` as JSON: it is for notes about a visit, not for a cart. */
const CONTEXT_CHARACTERS = 4_000

/** What the shop knows about the session; from a visit's start on, whether or not anything was kept yet. */
export function readContextRoute(shops: FindShop): CompatRoute {
  return {
    method: 'GET',
    path: PATH,
    cors: 'clients',
    async answer(call) {
      const shop = shops(call.params.tenant)
      return { body: await recordRefusals(shop.tenant, call, (known) => show(shop, call, known)) }
    },
  }
}

async function show(shop: Shop, call: CompatCall, known: Known) {
  const bearer = await readBearer(shop, call, known)
  const { version, values } = await currentContext(shop, bearer)
  const { sessionId, isGuest, sub } = bearer
  return { sessionId, customerId: isGuest ? '' : sub, context: {}, ...values, metadata: { version } }
}

async function currentContext({ tenant }: Shop, { sessionId, claims }: Bearer) {
  const kept = await findSessionContext(tenant.services.store.db, tenant.id, sessionId)
  return kept ?? { version: FIRST_VERSION, values: toldAtStart(claims) }
}

const Value = z.string().max(VALUE_CHARACTERS, `at most ${VALUE_CHARACTERS} characters`).optional()
const ContextChange = z.object({
  siteCode: Value,
  currency: Value,
  targetLocation: Value,
  language: Value,
  context: z
    .record(z.string(), z.unknown())
    .refine((context) => JSON.stringify(context).length <= CONTEXT_CHARACTERS, {
      message: `at most ${CONTEXT_CHARACTERS} characters`,
    })
    .optional(),
  metadata: z.object({ version: z.int().positive('is required') }, 'is required'),
})

/** Changes what is named, if nobody was faster. */
export function updateContextRoute(shops: FindShop): CompatRoute {
  return {
    method: 'PATCH',
    path: PATH,
    cors: 'clients',
    body: ['json'],
    async answer(call) {
      const shop = shops(call.params.tenant)
      await recordRefusals(shop.tenant, call, (known) => update(shop, call, known))
      return { status: 204 }
    },
  }
}

async function update(shop: Shop, call: CompatCall, known: Known): Promise<void> {
  const { tenant } = shop
  const bearer = await readBearer(shop, call, known)
  const { metadata, ...change } = readFields(ContextChange, call.fields)
  const { version, values } = await currentContext(shop, bearer)
  const isFirst =
    version === metadata.version &&
    (await updateSessionContext(tenant.services.store.db, {
      tenant: tenant.id,
      sessionId: bearer.sessionId,
      version,
      isFirst: version === FIRST_VERSION,
      values: withChange(values, change),
      forgetAt: forgetContextAt(tenant, bearer.client),
    }))
  if (!isFirst)
    throw new CompatRefused('conflict', `the context has changed: its version is no longer ${metadata.version}`)
}

function withChange(values: SessionContextValues, change: Partial<SessionContextValues>): SessionContextValues {
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  return { ...values, ...Object.fromEntries(given) }
}
