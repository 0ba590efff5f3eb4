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
export type {
  Auth,
  GetAccessTokenOptions,
  PasswordSignIn,
  RequestDescription,
  SignInOptions,
  SignOutOptions,
  SignOutScope,
} from './auth.ts'
export {
  type AuthIdentity,
  type AuthState,
  type AuthUser,
  type ErrorState,
  type GuestReason,
  type GuestState,
  type GuestUpgrade,
  type LoadingState,
  loadingState,
  type MemberState,
  type SignedOutReason,
  type SignedOutState,
  type UnknownReason,
  type UnknownState,
} from './auth-state.ts'
export { createAuth } from './create-auth.ts'
export type { AuthOptions } from './options.ts'
