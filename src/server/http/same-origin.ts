import type { FastifyRequest } from 'fastify'
import { RequestError } from './request-error.ts'

/**
 * Refuses a state change that another site's page started: signing somebody in counts as one. Goes by what browsers say
 * of themselves (Fetch Metadata, RFC 6454), not by a cookie, so it also works for a page whose cookies are gone.
 */
export function checkSameOrigin(request: FastifyRequest, origin: string): void {
  const { origin: sentFrom, 'sec-fetch-site': site } = request.headers
  const isOurs = (sentFrom === undefined || sentFrom === origin) && (site === undefined || site === 'same-origin')
  const isSaid = sentFrom !== undefined || site !== undefined
  if (isOurs && isSaid) return
  throw new RequestError(403, 'cross-site', `This step has to be taken on ${origin} itself.`)
}
