import type { GrantAnswer } from '../../engine/grants/grant-request.ts'

/** What every answer about a customer has. `saas_token` is the JWT that their checkout asks for: our access token is one. */
export function customerAnswer(answer: GrantAnswer) {
  const { access_token, expires_in, refresh_token, refresh_token_expires_in } = answer
  return {
    access_token,
    token_type: 'Bearer',
    expires_in,
    ...(refresh_token !== undefined && { refresh_token, refresh_token_expires_in }),
  }
}

/** How long a session may lie idle at the provider that a customer came from, in seconds: what their samples say. */
export const SESSION_IDLE_SECONDS = 120
