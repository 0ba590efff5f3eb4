import * as client from 'openid-client'
import type { UpstreamErrorCode } from '../../contract/page-state.ts'
import { Unreachable } from './bounded-fetch.ts'

/** Nobody came in through the provider: `code` is what the person reads, the message is for the audit. */
export class UpstreamRefused extends Error {
  override readonly name = 'UpstreamRefused'
  readonly code: UpstreamErrorCode

  constructor(code: UpstreamErrorCode, reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.code = code
  }
}

/** Turns a failure while talking to a provider into what it means for the person. @throws {UpstreamRefused} */
export function refuse(error: unknown): never {
  throw refusalOf(error)
}

function refusalOf(error: unknown): UpstreamRefused {
  if (error instanceof UpstreamRefused) return error
  const unreachable = findCause(error, (cause) => cause instanceof Unreachable)
  if (unreachable) return new UpstreamRefused('upstream-unavailable', unreachable.message, { cause: error })
  if (error instanceof client.AuthorizationResponseError) return refusalOfAnswer(error)
  return new UpstreamRefused('upstream-failed', reasonOf(error), { cause: error })
}

/** The errors of an authorization response (RFC 6749 section 4.1.2.1). */
function refusalOfAnswer(error: client.AuthorizationResponseError): UpstreamRefused {
  const isAway = ['server_error', 'temporarily_unavailable'].includes(error.error)
  const code = error.error === 'access_denied' ? 'upstream-denied' : isAway ? 'upstream-unavailable' : 'upstream-failed'
  return new UpstreamRefused(code, `the provider answered ${error.error}`)
}

function reasonOf(error: unknown): string {
  if (error instanceof client.ResponseBodyError) return `the provider answered ${error.error}`
  const deepest = findCause(error, (cause) => !(cause.cause instanceof Error))
  return deepest?.message ?? 'failed'
}

function findCause(error: unknown, isIt: (cause: Error) => boolean): Error | undefined {
  let cause = error
  while (cause instanceof Error && !isIt(cause)) cause = cause.cause
  return cause instanceof Error ? cause : undefined
}
