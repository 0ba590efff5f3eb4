export { createVerifier, type Verifier, type VerifierOptions } from './create-verifier.ts'
export type { IncomingRequest } from './credentials.ts'
export { TokenError, type TokenErrorCode, type TokenErrorDetails } from './token-error.ts'
export { requireScope, type VerifiedToken } from './verified-token.ts'
