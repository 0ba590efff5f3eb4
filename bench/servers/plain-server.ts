/** The least a token endpoint can do on Node: read the form, sign once, answer. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { generateKeyPair, SignJWT } from 'jose'
import { AUDIENCE } from './parties.ts'

const LIFETIME_SECONDS = 600
const { privateKey } = await generateKeyPair('ES256')
const origin = `http://127.0.0.1:${process.env.PORT}`

createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const form = new URLSearchParams(Buffer.concat(chunks).toString())
  const clientId = form.get('client_id') ?? ''
  const body = JSON.stringify({
    access_token: await sign(clientId),
    token_type: 'Bearer',
    expires_in: LIFETIME_SECONDS,
    scope: '',
  })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
}).listen(Number(process.env.PORT), '127.0.0.1')

function sign(clientId: string): Promise<string> {
  return new SignJWT({ client_id: clientId })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' })
    .setIssuer(origin)
    .setAudience(AUDIENCE)
    .setSubject(clientId)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_SECONDS}s`)
    .sign(privateKey)
}
