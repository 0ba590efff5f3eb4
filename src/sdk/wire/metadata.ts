import * as z from 'zod/mini'
import { AuthError } from './auth-error.ts'
import { readJson, readRetryAfter, type SendDeps, send } from './send.ts'
import { isSecureAddress } from './web-address.ts'

const IssuerDocument = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  pushed_authorization_request_endpoint: z.optional(z.url()),
  end_session_endpoint: z.optional(z.url()),
  revocation_endpoint: z.optional(z.url()),
  introspection_endpoint: z.optional(z.url()),
  authorization_response_iss_parameter_supported: z.optional(z.boolean()),
  response_modes_supported: z.optional(z.array(z.string())),
})

/** Where an issuer's endpoints are. */
export interface IssuerMetadata {
  issuer: string
  authorizationEndpoint: URL
  tokenEndpoint: URL
  pushedRequestEndpoint: URL | undefined
  endSessionEndpoint: URL | undefined
  revocationEndpoint: URL | undefined
  introspectionEndpoint: URL | undefined
  /** Whether every authorization answer names its issuer (RFC 9207). */
  namesItself: boolean
  /** Whether it answers a hidden frame (OAuth 2.0 Web Message Response Mode). */
  postsAnswers: boolean
}

/** Answers the issuer's metadata, loaded once. */
export type LoadMetadata = () => Promise<IssuerMetadata>

/**
 * Loads the issuer's metadata (OpenID Connect Discovery, RFC 8414).
 *
 * @throws {AuthError} `configuration` when there is no such issuer, or a retryable code.
 */
export async function loadMetadata(
  issuer: string,
  deps: SendDeps,
  { signal }: { signal?: AbortSignal } = {},
): Promise<IssuerMetadata> {
  const url = new URL(`${issuer}/.well-known/openid-configuration`)
  const init = { headers: { accept: 'application/json' }, cache: 'default', ...(signal && { signal }) } as const
  const response = await send(url, init, deps)
  const { status } = response
  if (status >= 500 || status === 429) {
    throw new AuthError('server', { status, retryAfterSeconds: readRetryAfter(response, Date.now()) })
  }
  const document = z.safeParse(IssuerDocument, await readJson(response, signal))
  if (!response.ok || !document.success) {
    const message = `There is no OpenID Connect issuer at ${issuer}.`
    throw new AuthError('configuration', { message, status })
  }
  return checkIssuer(issuer, document.data)
}

function checkIssuer(issuer: string, document: z.infer<typeof IssuerDocument>): IssuerMetadata {
  // RFC 8414 section 3.3: a document that speaks of another issuer must not be used.
  if (document.issuer !== issuer) {
    const message = `The issuer at ${issuer} calls itself ${document.issuer}; use that as \`issuer\`.`
    throw new AuthError('configuration', { message })
  }
  const endpoint = (address: string) => checkEndpoint(issuer, new URL(address))
  const optional = (address: string | undefined) => (address === undefined ? undefined : endpoint(address))
  return {
    issuer,
    authorizationEndpoint: endpoint(document.authorization_endpoint),
    tokenEndpoint: endpoint(document.token_endpoint),
    pushedRequestEndpoint: optional(document.pushed_authorization_request_endpoint),
    endSessionEndpoint: optional(document.end_session_endpoint),
    revocationEndpoint: optional(document.revocation_endpoint),
    introspectionEndpoint: optional(document.introspection_endpoint),
    namesItself: document.authorization_response_iss_parameter_supported ?? false,
    postsAnswers: document.response_modes_supported?.includes('web_message') ?? false,
  }
}

/** Secrets and tokens are about to go there (RFC 6749 section 3.2). */
function checkEndpoint(issuer: string, address: URL): URL {
  if (isSecureAddress(address)) return address
  const message = `The issuer at ${issuer} names ${address.href}, which is neither https nor on this computer.`
  throw new AuthError('configuration', { message })
}
