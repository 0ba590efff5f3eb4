import { requestLabelHeader } from '../../../contract/request-label.ts'
import { abortable } from '../../wire/abortable.ts'
import { AuthError } from '../../wire/auth-error.ts'
import { type Call, within } from '../../wire/call.ts'
import { type IssuerMetadata, loadMetadata } from '../../wire/metadata.ts'
import { once } from '../../wire/once.ts'
import { knownRefusals, type Refusals, readRefusal } from '../../wire/refusal.ts'
import { readJson, type SendDeps, send } from '../../wire/send.ts'
import { withoutNulls } from '../../wire/without-nulls.ts'
import type { BackendOptions } from './backend-options.ts'
import { type RetryDeps, sendAgain } from './retry.ts'

/** A form for one endpoint of the issuer. */
export interface IssuerRequest {
  endpoint: 'tokenEndpoint' | 'revocationEndpoint' | 'introspectionEndpoint'
  fields: Readonly<Record<string, string | undefined>>
  /** What a no means here, beside what it means everywhere. */
  refusals?: Refusals
  /** Whether a second request does nothing the first has not done. */
  isRepeatable: boolean
}

/** What came back with a success. */
export interface IssuerAnswer {
  body: unknown
  status: number
  /** Time here when it was asked for, in epoch milliseconds. */
  sentAt: number
  /** Time at the issuer, in epoch milliseconds. */
  issuerTime: number
}

/** Posts forms as one client with a secret. */
export interface IssuerClient {
  /** @throws {AuthError} what the issuer's no means, or a retryable code. */
  post(request: IssuerRequest, call: Call): Promise<IssuerAnswer>
}

/** What {@link createIssuerClient} needs. */
export interface IssuerClientDeps extends SendDeps, RetryDeps {
  /** Epoch milliseconds. */
  now(): number
}

/** Makes a client that authenticates by Basic (RFC 6749 section 2.3.1) and looks its endpoints up once. */
export function createIssuerClient(
  { issuer, clientId, clientSecret = '' }: BackendOptions,
  deps: IssuerClientDeps,
): IssuerClient {
  const authorization = `Basic ${btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`)}`
  // Everybody waits for it, so nobody's signal ends it.
  const metadata = once(() =>
    within('discovery', {}, (call) => sendAgain(() => loadMetadata(issuer, deps, call), call, deps)),
  )
  return {
    async post(request, call) {
      const url = endpointOf(await abortable(metadata(), call.signal), request)
      const sendOnce = () => postForm(url, request, call, { ...deps, authorization })
      return request.isRepeatable ? sendAgain(sendOnce, call, deps) : sendOnce()
    },
  }
}

function endpointOf(metadata: IssuerMetadata, { endpoint }: IssuerRequest): URL {
  const url = metadata[endpoint]
  if (url) return url
  throw new AuthError('configuration', { message: `The issuer at ${metadata.issuer} names no ${endpoint}.` })
}

async function postForm(
  url: URL,
  { fields, refusals }: IssuerRequest,
  { signal, label }: Call,
  deps: IssuerClientDeps & { authorization: string },
): Promise<IssuerAnswer> {
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined)
  const headers = {
    accept: 'application/json',
    authorization: deps.authorization,
    ...(label && { [requestLabelHeader]: label }),
  }
  const sentAt = deps.now()
  const response = await send(url, { method: 'POST', body: new URLSearchParams(given), headers, signal }, deps)
  const body = withoutNulls(await readJson(response, signal))
  const issuerTime = Date.parse(response.headers.get('Date') ?? '') || deps.now()
  if (!response.ok) throw readRefusal({ response, body, now: issuerTime }, { ...knownRefusals, ...refusals })
  return { body, status: response.status, sentAt, issuerTime }
}

/** RFC 6749 section 2.3.1 wants both halves in the encoding of forms, so that a colon stays one. */
function formEncode(value: string): string {
  return new URLSearchParams({ value }).toString().slice('value='.length)
}
