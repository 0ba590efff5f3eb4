import type { FastifyBaseLogger } from 'fastify'
import type { Audit } from './audit/audit.ts'
import type { Limits } from './config/schema.ts'
import type { Mailer } from './mail/mailer.ts'
import type { Pages } from './pages/pages.ts'
import type { PasswordHasher } from './passwords/password-hasher.ts'
import type { Store } from './store/store.ts'

/** What every tenant shares; built once in `app.ts`, handed down, never global. */
export interface Services {
  /** Scheme, host and port everything is served under, from the configuration. */
  origin: string
  isHttps: boolean
  /** PORTICO_SECRET, newest first. */
  secrets: readonly string[]
  limits: Limits
  store: Store
  hasher: PasswordHasher
  audit: Audit
  pages: Pages
  /** There is none unless the configuration names a mail server. */
  mailer: Mailer | undefined
  /** Sends what a transaction has just queued, without waiting for the next round. */
  events: { wake(): void }
  log: FastifyBaseLogger
}
