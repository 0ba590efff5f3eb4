/** The engine's errors, for our own endpoints that answer beside it in its terms (RFC 6749 section 5.2). */
export { errors } from 'oidc-provider'
