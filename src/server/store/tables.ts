/** Times are epoch milliseconds; `json` columns are text; `*_hash` columns are SHA-256, base64url. */
export interface Tables {
  users: UserRow
  user_names: UserNameRow
  identities: IdentityRow
  consents: ConsentRow
  families: FamilyRow
  refresh_tokens: RefreshTokenRow
  engine_records: EngineRecordRow
  tenant_keys: TenantKeyRow
  audit: AuditRow
  ended_guests: EndedGuestRow
  guest_upgrades: GuestUpgradeRow
  outbox: OutboxRow
  rate_buckets: RateBucketRow
  old_flow_uses: OldFlowUseRow
  session_contexts: SessionContextRow
  revoked_tokens: RevokedTokenRow
  throttles: ThrottleRow
  one_time_passwords: OneTimePasswordRow
  logout_listeners: LogoutListenerRow
}

export interface UserRow {
  tenant: string
  /** The subject: random, never changed, never reused. */
  id: string
  username: string
  email: string | null
  email_verified: number
  name: string | null
  /** PHC string. */
  password_hash: string | null
  /** json string[] */
  roles: string
  member_id: number | null
  sso_id: string | null
  /** json string[] */
  legal_entities: string
  guest_template: number
  disabled_at: number | null
  created_at: number
}

/** One row for each name a person can sign in with, so that one's username can't be another's e-mail. */
export interface UserNameRow {
  tenant: string
  /** Trimmed, NFKC, case-folded. */
  name_key: string
  user_id: string
}

/** Who somebody is at a provider they sign in through: its issuer and its subject, whatever their e-mail address. */
export interface IdentityRow {
  tenant: string
  issuer: string
  subject: string
  user_id: string
  linked_at: number
}

export interface ConsentRow {
  tenant: string
  user_id: string
  client_id: string
  /** Space-separated, sorted. */
  scope: string
  granted_at: number
}

/** One login on one device; its id is the engine's grant id and the `sid` of its tokens. */
export interface FamilyRow {
  tenant: string
  id: string
  /** The subject: a person's id, or what stands for an app that acts for itself. */
  user_id: string
  client_id: string
  /** Hash of the portal session's uid, so that a sign-out finds its families. */
  session_hash: string | null
  /** The continuity id that survives guest → member. */
  session_id: string
  scope: string
  /** json: what every ID token of this login repeats (auth_time, acr, amr, nonce, claims). */
  authentication: string
  created_at: number
  absolute_end: number
  ended_at: number | null
  end_reason: string | null
}

export interface RefreshTokenRow {
  tenant: string
  token_hash: string
  family_id: string
  /** RFC 7638 thumbprint of the DPoP key. */
  jkt: string | null
  issued_at: number
  idle_end: number
  consumed_at: number | null
  /** Hash of the successor, set when consumed. */
  successor_hash: string | null
  /** The successor encrypted under a key derived from this token. */
  sealed_successor: string | null
}

/** What node-oidc-provider keeps: sessions, interactions, codes, grants, pushed requests, DPoP proofs seen. */
export interface EngineRecordRow {
  tenant: string
  model: string
  id_hash: string
  /** json without the id */
  payload: string
  grant_hash: string | null
  uid_hash: string | null
  /** Whose session it is. */
  user_id: string | null
  expires_at: number | null
  consumed_at: number | null
}

export interface TenantKeyRow {
  tenant: string
  kid: string
  alg: 'RS256' | 'ES256'
  /** Private JWK, encrypted under PORTICO_SECRET. */
  sealed_jwk: string
  created_at: number
}

export interface AuditRow {
  id: string
  tenant: string | null
  at: number
  /** e.g. `sign-in.succeeded`, `token.refused` */
  event: string
  user_id: string | null
  client_id: string | null
  ip: string | null
  request_id: string | null
  /** json, never a secret */
  detail: string
}

/** A guest whose refresh token is refused from now on. Guests that live have no row. */
export interface EndedGuestRow {
  tenant: string
  /** Hash of the continuity id. */
  session_hash: string
  /** Also the `sid` of its access tokens. */
  guest_sub: string
  reason: 'upgraded' | 'ended'
  ended_at: number
  /** From here on its refresh token would have ended by itself. */
  forget_at: number
}

/** A guest that became a member: at most one for each continuity id. Goes with the member's login. */
export interface GuestUpgradeRow {
  tenant: string
  /** The continuity id, the same before and after. */
  session_id: string
  /** The member's login that the guest became. */
  family_id: string
  guest_sub: string
  member_sub: string
  client_id: string
  tracking_id: string | null
  /** The event that tells about it, in `outbox`. */
  event_id: string
  upgraded_at: number
}

/** One event on its way to one receiver. */
export interface OutboxRow {
  id: string
  tenant: string
  /** The same for every receiver of an event; sent as `webhook-id`. */
  event_id: string
  /** The webhook's address, as configured, or `client:` and a client's id. */
  receiver: string
  /** e.g. `guest.upgraded`; `logout` is for a client */
  type: string
  /** The exact JSON that is sent, the same at every attempt; of a `logout`, what each attempt signs anew. */
  body: string
  created_at: number
  /** Attempts begun, also those whose end nobody saw. */
  attempts: number
  /** Attempts that ended without a 2xx. */
  refusals: number
  next_attempt_at: number
  /** Until then the row is another worker's. */
  claimed_until: number | null
  delivered_at: number | null
  last_error: string | null
}

/** A token bucket; one that isn't there is full. */
export interface RateBucketRow {
  name: string
  /** As of `updated_at`, with a fraction. */
  tokens: number
  updated_at: number
  /** When nothing is missing any more, so that the row may go. */
  full_at: number
}

/** How often a client used a flow that apps should leave behind. */
export interface OldFlowUseRow {
  tenant: string
  client_id: string
  flow: 'implicit' | 'password'
  uses: number
  first_at: number
  last_at: number
}

/** An access token that was revoked by itself: no login ended with it. */
export interface RevokedTokenRow {
  tenant: string
  jti: string
  /** From here on the token has ended anyway. */
  forget_at: number
}

/** How much of a limit is used up. A row whose time is over counts nothing. */
export interface ThrottleRow {
  name: string
  points: number
  expires_at: number
}

/** At most one for each person. */
export interface OneTimePasswordRow {
  tenant: string
  user_id: string
  /** The app that asked for it, and the only one that takes it. */
  client_id: string
  password_hash: string
  expires_at: number
  tries_left: number
}

/** A client that has to hear when one login ends (OpenID Connect Back-Channel Logout 1.0). */
export interface LogoutListenerRow {
  tenant: string
  /** The login's. */
  sid: string
  client_id: string
  user_id: string
  /** Hash of the portal session's uid. */
  session_hash: string | null
  /** When no session and no token of this login is left. */
  forget_at: number
}

/** What an older API keeps about a session, guest's or member's. */
export interface SessionContextRow {
  tenant: string
  /** Hash of the continuity id. */
  session_hash: string
  /** Counts the changes. */
  version: number
  /** json */
  values_json: string
  forget_at: number
}
