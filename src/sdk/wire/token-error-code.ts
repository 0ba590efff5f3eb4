/**
 * Every way a request fails at an API, as a closed list.
 *
 * - `token-missing`: there are no credentials.
 * - `request-invalid`: there are two, or they are where they must not be.
 * - `token-invalid`, `token-expired`: the token is not one that is accepted (any more).
 * - `token-revoked`: the login it belongs to has ended (signed out, replayed, upgraded), though the token itself has not.
 * - `proof-missing`, `proof-invalid`: the token is bound to a key and the request does not prove it (RFC 9449).
 * - `scope-insufficient`: the token is good and does not reach this far.
 * - `keys-unavailable`: the issuer's keys could not be loaded, so nothing can be said about the token.
 */
export type TokenErrorCode =
  | 'token-missing'
  | 'request-invalid'
  | 'token-invalid'
  | 'token-expired'
  | 'token-revoked'
  | 'proof-missing'
  | 'proof-invalid'
  | 'scope-insufficient'
  | 'keys-unavailable'
