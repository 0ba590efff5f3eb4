import type { GrantAnswer } from '../../engine/grants/grant-request.ts'

/** `TokenResponse` of their documents; a refresh token that was not given is `null`, as in their schema. */
export function tokenResponse({ access_token, refresh_token = null, expires_in }: GrantAnswer) {
  return { access_token, refresh_token, token_type: 'bearer', expires_in }
}
