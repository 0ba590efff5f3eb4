import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { createAudit } from './audit/audit.ts'
import { compatRoutes } from './compat/compat-routes.ts'
import type { Config } from './config/schema.ts'
import { type Delivery, startDelivery } from './events/delivery.ts'
import { type ConfiguredReceiver, webhookReceivers } from './events/receivers.ts'
import { addHealthRoutes } from './http/health.ts'
import { checkHost } from './http/host-check.ts'
import { answerUnreadable, handleProblems } from './http/problems.ts'
import { type LogDestination, loggerOptions, logRequests } from './http/request-log.ts'
import { addSecurityHeaders } from './http/security-headers.ts'
import { addStaticFiles } from './http/static-files.ts'
import { logoutReceivers } from './logout/logout-receivers.ts'
import { createMailer } from './mail/mailer.ts'
import { oneTimePasswordMail } from './one-time-passwords/mail-receiver.ts'
import { loadPages } from './pages/pages.ts'
import { createPasswordHasher } from './passwords/password-hasher.ts'
import type { Services } from './services.ts'
import type { Store } from './store/store.ts'
import { tellOldFlowUses } from './tenant/old-flows.ts'
import { createTenant } from './tenant/tenant.ts'
import { createTenantParts, type TenantParts } from './tenant-parts.ts'
import { tenantRoutes } from './tenant-routes.ts'
import { createConfiguredUsers } from './users/configured-users.ts'

export interface AppOptions {
  config: Config
  store: Store
  log?: { level?: string; destination?: LogDestination }
  /** Where `npm run build` put the portal. */
  portalFolder?: string
}

export interface App {
  server: FastifyInstance
  /** Tells balancers to send nobody here any more. */
  drain(): void
}

const PORTAL_FOLDER = resolve(import.meta.dirname, '../../dist/portal')

const SLOW_CHECK_MS = 1_000

/** Builds the whole server around a store: every tenant's engine and pages, ready to listen or to be called in process. */
export async function createApp({ config, store, log = {}, portalFolder = PORTAL_FOLDER }: AppOptions): Promise<App> {
  const { limits, origin } = config
  const isHttps = origin.startsWith('https:')
  const requestMs = limits.request_seconds * 1000
  const pages = await loadPages(portalFolder)
  const server = Fastify({
    logger: loggerOptions(log.level ?? 'info', log.destination),
    // One line a request of our own instead: `logRequests`.
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    trustProxy: config.trusted_proxies.length > 0 ? config.trusted_proxies : false,
    bodyLimit: limits.body_bytes,
    requestTimeout: requestMs,
    // Node looks for slow requests every 30 seconds only, and unless it is told at once it gives each of them a minute.
    http: { requestTimeout: requestMs, connectionsCheckingInterval: SLOW_CHECK_MS },
    frameworkErrors: (_error, request, reply) => answerUnreadable(request, reply, { pages, isHttps }),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
  })
  const hasher = createPasswordHasher({ concurrency: limits.password_checks, maxQueued: limits.password_queue })
  const { log: serverLog } = server
  const events = { wake: () => delivery?.wake() }
  // An entry is cleaned before it is told: looking for secrets again would cost more than the line.
  const audit = createAudit(store, serverLog.child({}, { redact: [] }))
  const services: Services = {
    origin,
    isHttps,
    secrets: config.secrets,
    limits,
    store,
    hasher,
    audit,
    pages,
    mailer: config.mail && createMailer(config.mail),
    events,
    log: serverLog,
  }
  const tenants = Object.entries(config.tenants).map(([id, tenant]) => createTenant(id, tenant, services))
  let delivery: Delivery | undefined
  let isDraining = false

  logRequests(server)
  addSecurityHeaders(server, { isHttps })
  checkHost(server, origin)
  handleProblems(server, pages, tenants)
  addHealthRoutes(server, { store, isDraining: () => isDraining })
  await addStaticFiles(server, portalFolder)
  const served: TenantParts[] = []
  for (const tenant of tenants) {
    await createConfiguredUsers(store, hasher, tenant.id, tenant.config.users, Date.now())
    const parts = await createTenantParts(tenant)
    await server.register((app) => tenantRoutes(app, parts), { prefix: tenant.path })
    served.push(parts)
  }
  await compatRoutes(server, served)
  const [first] = tenants
  if (first) server.get('/', (_request, reply) => reply.redirect(`${first.path}/`, 303))
  server.addHook('onReady', async () => {
    for (const tenant of tenants) await tellOldFlowUses(tenant)
    const receivers = served.flatMap(receiversOf)
    delivery = startDelivery({ store, receivers, log: serverLog })
  })
  server.addHook('onClose', async () => delivery?.stop())
  return { server, drain: () => (isDraining = true) }
}

/** Everybody who is told things by a tenant. */
function receiversOf(parts: TenantParts): ConfiguredReceiver[] {
  return [...webhookReceivers(parts.tenant), ...logoutReceivers(parts), ...oneTimePasswordMail(parts.tenant)]
}
