import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { UnsecuredJWT } from 'jose'
import type { UnknownObject } from 'oidc-provider'
import type { InteractionStep, StepAnswer } from '../../contract/interaction.ts'
import { StepAnswer as StepAnswerSchema } from '../../contract/interaction.ts'
import { RequestError } from '../http/request-error.ts'
import type { InteractionContext } from './interactions.ts'

const REQUEST_TTL_SECONDS = 60

/** An address that starts a sealed request again, the app none the wiser: a pushed request of our own (RFC 9126). */
export async function restartAddress({ tenant, provider }: InteractionContext, sealed: UnknownObject): Promise<string> {
  const { dpop_jkt, ...params }: UnknownObject & { dpop_jkt?: string } = { ...sealed, continued: '1' }
  const now = Math.floor(Date.now() / 1000)
  const binding = dpop_jkt === undefined ? {} : { dpop_jkt }
  const request = new UnsecuredJWT({ ...params, ...binding })
    .setIssuedAt(now)
    .setIssuer(String(params.client_id))
    .setAudience(tenant.issuer)
    .setExpirationTime(now + REQUEST_TTL_SECONDS)
    .setNotBefore(now)
    .encode()
  const pushed = new provider.PushedAuthorizationRequest({
    request,
    ...(dpop_jkt === undefined ? {} : { dpopJkt: dpop_jkt }),
  })
  const id = await pushed.save(REQUEST_TTL_SECONDS)
  const query = new URLSearchParams({
    client_id: String(params.client_id),
    request_uri: `urn:ietf:params:oauth:request_uri:${id}`,
  })
  return `${tenant.path}/authorize?${query}`
}

/** The same request, so that whoever is signed in is asked who they are. */
export function askingForSignIn(params: UnknownObject): UnknownObject {
  const prompts = typeof params.prompt === 'string' ? params.prompt.split(' ') : []
  // `offline_access` counts only where consent is asked for too (OpenID Connect Core section 11).
  return { ...params, prompt: prompts.includes('consent') ? 'login consent' : 'login' }
}

export interface ContinuedStep {
  answer: StepAnswer
  /** Cookies of the new interaction, for the browser. */
  setCookies: string[]
}

interface ContinuedRequest {
  context: InteractionContext
  sealed: UnknownObject
  step: InteractionStep
  headers: IncomingHttpHeaders
  /** Where the step came from. */
  ip: string
}

/**
 * Takes a step whose interaction has ended in a new one for the same request, at once, so that what a person typed is
 * not asked for twice. Walks the same routes the browser would.
 */
export async function continueStep(
  app: FastifyInstance,
  { context, sealed, step, headers, ip }: ContinuedRequest,
): Promise<ContinuedStep> {
  const { origin } = context.tenant.services
  const common = { host: new URL(origin).host, cookie: headers.cookie ?? '' }
  // What a person typed or chose decides who they are, also when another tab has signed somebody in.
  const request = ['sign-in', 'upstream'].includes(step.step) ? askingForSignIn(sealed) : sealed
  const started = await app.inject({
    method: 'GET',
    url: await restartAddress(context, request),
    remoteAddress: ip,
    headers: { ...common, accept: 'text/html' },
  })
  const location = new URL(started.headers.location ?? `${context.tenant.path}/`, origin)
  const setCookies = cookiesOf(started.headers['set-cookie'])
  const leadsToInteraction =
    location.origin === origin && location.pathname.startsWith(`${context.tenant.path}/interaction/`)
  // Allowed meanwhile, in another tab perhaps: the request is answered already.
  if (!leadsToInteraction) return { answer: { redirectTo: location.href }, setCookies }
  const { sealed_request: _spent, ...fields } = step
  const taken = await app.inject({
    method: 'POST',
    url: location.pathname,
    remoteAddress: ip,
    headers: { ...common, cookie: mergeCookies(common.cookie, setCookies), origin, accept: 'application/json' },
    payload: fields,
  })
  if (taken.statusCode !== 200 && taken.statusCode !== 429) throw failedStep(taken.statusCode)
  return {
    answer: StepAnswerSchema.parse(taken.json()),
    setCookies: [...setCookies, ...cookiesOf(taken.headers['set-cookie'])],
  }
}

function failedStep(status: number): RequestError {
  return new RequestError(status, status === 503 ? 'unavailable' : 'failed', 'This step could not be taken: try again.')
}

function cookiesOf(header: string | string[] | undefined): string[] {
  return header === undefined ? [] : [header].flat()
}

function mergeCookies(sent: string, set: string[]): string {
  const cookies = new Map<string, string>()
  for (const pair of [...sent.split('; '), ...set.map((cookie) => cookie.split(';', 1)[0] ?? '')]) {
    const [name, ...value] = pair.split('=')
    if (name) cookies.set(name, value.join('='))
  }
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}
