/**
 * Checks an ID token that came through the browser, where anybody may have put it (OpenID Connect Core section 3.2.2.11).
 *
 * @param {string} token
 * @param {{ issuer: string, clientId: string, nonce: string, accessToken: string, jwksUri: string }} expected
 * @returns {Promise<Record<string, unknown>>} its claims
 */
export async function checkIdToken(token, { issuer, clientId, nonce, accessToken, jwksUri }) {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const { alg, kid } = parse(header)
  const claims = parse(payload)
  const { keys } = await (await fetch(jwksUri)).json()
  const jwk = keys.find((/** @type {{ kid: string }} */ key) => key.kid === kid)
  const algorithm = algorithms[alg]
  if (!jwk || !algorithm) throw new Error('the ID token is signed with an unknown key')
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify'])
  const signed = new TextEncoder().encode(`${header}.${payload}`)
  if (!(await crypto.subtle.verify(algorithm, key, bytes(signature), signed))) throw new Error('the signature is wrong')
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken)))
  const isOurs = claims.iss === issuer && claims.aud === clientId && claims.nonce === nonce
  const isInTime = claims.exp * 1000 > Date.now()
  const isWithToken = claims.at_hash === base64url(digest.slice(0, 16))
  if (!isOurs || !isInTime || !isWithToken) throw new Error('the ID token is not the answer to this sign-in')
  return claims
}

/** @type {Record<string, RsaHashedImportParams & EcKeyImportParams & EcdsaParams>} */
const algorithms = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', namedCurve: '' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
}

/** @param {string} part */
function parse(part) {
  return JSON.parse(new TextDecoder().decode(bytes(part)))
}

/** @param {string} text */
function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
}

/** @param {Uint8Array} data */
function base64url(data) {
  return btoa(String.fromCharCode(...data))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
