import { readArguments } from '../../wire/arguments.ts'
import type { GrantRequest } from './request-tokens.ts'

/** Arguments of {@link Backend.refresh}. */
export interface Refresh {
  readonly refreshToken: string
  /** Less than what was granted at first. */
  readonly scope?: readonly string[]
  /** The company the person acts for; without it, until the next renewal, they act for none. */
  readonly legalEntityId?: string
}

/** Reads the arguments of a renewal (RFC 6749 section 6); the issuer answers the same token within its grace alike. */
export function refreshRequest(given: Refresh): GrantRequest {
  const read = readArguments('refresh', given, ['refreshToken', 'scope', 'legalEntityId'])
  const company = read.optionalText('legalEntityId')
  return {
    fields: {
      grant_type: 'refresh_token',
      refresh_token: read.text('refreshToken'),
      scope: read.scope('scope'),
      legal_entity_id: company,
    },
    refusals: {
      invalid_grant: 'session-ended',
      ...(company !== undefined && { access_denied: 'company-refused', '403': 'company-refused' }),
    },
    isRepeatable: true,
    isShareable: false,
  }
}
