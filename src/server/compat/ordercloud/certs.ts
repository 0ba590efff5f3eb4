import type { SigningJwk } from '../../keys/tenant-keys.ts'
import type { CompatRoute } from '../compat-area.ts'
import { CompatRefused } from '../refusal.ts'

/** One public key by the `kid` of a token's header; only keys that OrderCloud's tokens are signed with. */
export function certsRoute(keys: readonly SigningJwk[]): CompatRoute {
  const rsaKeys = keys.filter(({ alg }) => alg === 'RS256')
  return {
    method: 'GET',
    path: '/certs/:kid',
    cors: 'anyone',
    async answer({ params: { kid = '' } }) {
      const key = rsaKeys.find((candidate) => candidate.kid === kid)
      if (!key)
        throw new CompatRefused('not-found', 'no such key', { data: { ObjectType: 'PublicKey', ObjectID: kid } })
      const { kty, n, e, alg, use } = key
      return { body: { kty, n, e, alg, use, kid } }
    },
  }
}
