import type { IncomingHttpHeaders } from 'node:http'
import type { HTTPMethods } from 'fastify'
import type { RequestOrigin } from '../engine/request-origin.ts'
import type { CorsRule } from '../http/cors.ts'
import type { Tenant } from '../tenant/tenant.ts'
import type { TenantParts } from '../tenant-parts.ts'
import type { BodyKind } from './read-body.ts'
import type { Refusal } from './refusal.ts'

/** An older API: the parts of it that are answered here, for every tenant whose `compat` names it. */
export interface CompatSystem {
  name: keyof Tenant['config']['compat']
  areas(tenants: readonly TenantParts[]): CompatArea[]
}

/** Routes below one path that say no in one form. */
export interface CompatArea {
  /** From the origin on, e.g. `/demo/oauth`. */
  prefix: string
  /** Whose clients may read the answers from a page. */
  tenants: readonly Tenant[]
  /** Whether each route also answers with a slash at its end. */
  takesTrailingSlash?: boolean
  routes: readonly CompatRoute[]
  /** This API's envelope for a refusal; also for what no route of the area answers. */
  render(refusal: Refusal): CompatAnswer
}

export interface CompatRoute {
  method: HTTPMethods
  /** Below the area's prefix. */
  path: string
  cors: CorsRule
  /** The bodies it takes; without any, one that is sent is refused. */
  body?: readonly BodyKind[]
  /** A token travels in the address: the answer says that this is to end (RFC 9745). */
  takesTokenInQuery?: boolean
  answer(call: CompatCall): Promise<CompatAnswer>
}

/** A request, read and measured. */
export interface CompatCall {
  /** Of a form or a JSON object. */
  fields: Readonly<Record<string, unknown>>
  query: Readonly<Record<string, string>>
  /** Of the path. */
  params: Readonly<Record<string, string>>
  headers: IncomingHttpHeaders
  /** For the audit. */
  origin: RequestOrigin
}

export interface CompatAnswer {
  /** 200. */
  status?: number
  headers?: Record<string, string>
  /** Sent as JSON, `application/json` unless the headers say otherwise. */
  body?: object
}
