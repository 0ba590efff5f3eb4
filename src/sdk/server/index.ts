export {
  AuthError,
  type AuthErrorAction,
  type AuthErrorCode,
  type AuthErrorDetails,
  isAuthError,
  type RefusalCode,
} from '../wire/auth-error.ts'
export type { CallOptions } from '../wire/call.ts'
export type { TokenErrorCode } from '../wire/token-error-code.ts'
export type { Backend } from './backend/backend.ts'
export type { BackendOptions } from './backend/backend-options.ts'
export type { ClientCredentials } from './backend/client-credentials.ts'
export { createBackend } from './backend/create-backend.ts'
export type { ElevatedLogin } from './backend/elevated-login.ts'
export type { MemberIdentifier, MemberToken } from './backend/member-token.ts'
export type { Refresh } from './backend/refresh.ts'
export type { TokenSet } from './backend/token-set.ts'
export type { ValidatedToken } from './backend/validated-token.ts'
export { createVerifier, type Verifier, type VerifierOptions } from './create-verifier.ts'
export type { IncomingRequest } from './credentials.ts'
export { TokenError, type TokenErrorDetails } from './token-error.ts'
export { requireScope, type VerifiedToken } from './verified-token.ts'
