import { expect, test } from 'vitest'
import { createMetadataLoader } from '../browser/issuer/metadata-loader.ts'
import { issuerAddress, metadata } from '../test/an-issuer.ts'
import { loadMetadata } from './metadata.ts'

const load = (answer: Response) => loadMetadata(issuerAddress, { fetch: async () => answer })

test('reads where the endpoints are', async () => {
  const found = await load(Response.json(metadata))
  expect(found.tokenEndpoint.href).toBe(metadata.token_endpoint)
  expect(found.namesItself).toBe(true)
})

test('a document of another issuer is not used (RFC 8414 section 3.3)', async () => {
  const other = Response.json({ ...metadata, issuer: 'https://evil.example/demo' })
  await expect(load(other)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('calls itself'),
  })
})

test.each(['token_endpoint', 'introspection_endpoint', 'revocation_endpoint'])(
  'nothing secret is sent to a %s over http',
  async (name) => {
    const document = Response.json({ ...metadata, [name]: 'http://id.example.com/demo/endpoint' })
    await expect(load(document)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('neither https nor on this computer'),
    })
  },
)

test.each([
  ['nothing there', new Response('', { status: 404 }), 'configuration'],
  ['a page', new Response('<html>'), 'configuration'],
  ['no token endpoint', Response.json({ ...metadata, token_endpoint: undefined }), 'configuration'],
  ['a failing issuer', new Response('', { status: 503 }), 'server'],
])('%s', async (_name, answer, code) => {
  await expect(load(answer)).rejects.toMatchObject({ code })
})

test('is loaded once, and again after a failure', async () => {
  let calls = 0
  const loader = createMetadataLoader(issuerAddress, {
    fetch: async () => {
      calls += 1
      if (calls === 1) throw new TypeError('fetch failed')
      return Response.json(metadata)
    },
  })
  await expect(loader()).rejects.toMatchObject({ code: 'network' })
  await Promise.all([loader(), loader()])
  await loader()
  expect(calls).toBe(2)
})
