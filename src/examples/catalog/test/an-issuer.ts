import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const audience = 'https://api.demo.test'

/** An issuer that publishes its keys and signs access tokens; the catalog's server needs no more of one. */
export async function anIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' }
  const server = createServer((request, response) => {
    const isKeys = request.url === '/demo/jwks'
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}/demo`

  return {
    issuer,
    /** A token of somebody, as the Authorization header carries it. */
    async tokenOf(claims: { sub: string; session_id: string; guest?: true }): Promise<Record<string, string>> {
      const token = await new SignJWT({ client_id: 'catalog', jti: randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'key-1', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey)
      return { authorization: `Bearer ${token}` }
    },
    close: () => void server.close(),
  }
}
