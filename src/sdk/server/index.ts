export {
  AuthError,
  type AuthErrorAction,
  type AuthErrorCode,
  type AuthErrorDetails,
  isAuthError,
  type RefusalCode,
} from '../wire/auth-error.ts'
export type { TokenErrorCode } from '../wire/token-error-code.ts'
export { createVerifier, type Verifier, type VerifierOptions } from './create-verifier.ts'
export type { IncomingRequest } from './credentials.ts'
export { TokenError, type TokenErrorDetails } from './token-error.ts'
export { requireScope, type VerifiedToken } from './verified-token.ts'
