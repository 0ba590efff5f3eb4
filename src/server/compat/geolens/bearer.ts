import type { IncomingHttpHeaders } from 'node:http'
import type { AccessTokenReader } from '../../engine/access-token-reader.ts'
import { CompatRefused } from '../refusal.ts'

/** Whose request it is, by the access token it came with. */
export interface Bearer {
  userId: string
  familyId: string
}

/** @throws {CompatRefused} `invalid_token` unless a live login of this client sent it, and no key should have come along */
export async function readBearer(
  reader: AccessTokenReader,
  { authorization = '' }: IncomingHttpHeaders,
  clientId: string,
): Promise<Bearer> {
  const [, presented] = /^bearer (\S+)$/i.exec(authorization) ?? []
  const token = presented === undefined ? undefined : await reader.read(presented)
  const { accountId: userId, grantId: familyId } = token ?? {}
  if (!token || !userId || !familyId || token.clientId !== clientId || token.jkt !== undefined)
    throw new CompatRefused('invalid_token', 'sign in again: this token is missing, has ended or was revoked')
  return { userId, familyId }
}
