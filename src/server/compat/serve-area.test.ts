import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { errors } from '../engine/engine-errors.ts'
import { APP_ORIGIN, ISSUER } from '../test/test-config.ts'
import type { CompatCall, CompatRoute } from './compat-area.ts'
import { readFields } from './read-fields.ts'
import { CompatRefused } from './refusal.ts'
import { serveTestArea } from './test/serve-test-area.ts'

const echo = async ({ fields, query, params }: CompatCall) => ({ body: { fields, query, params } })
const aRoute = (overrides: Partial<CompatRoute> = {}): CompatRoute => ({
  method: 'POST',
  path: '/things/:id',
  cors: 'clients',
  body: ['form', 'json'],
  answer: echo,
  ...overrides,
})

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

async function post(payload: string | Buffer, type: string, overrides: Partial<CompatRoute> = {}) {
  const app = await serveTestArea({ routes: [aRoute(overrides)] })
  return app.inject({ method: 'POST', url: '/old/things/7?page=2', headers: { 'content-type': type }, payload })
}

describe('a request', () => {
  test.each([
    ['a form', 'name=ada&color=blue', FORM],
    ['JSON', '{"name":"ada","color":"blue"}', JSON_TYPE],
    ['JSON after a byte order mark', '\uFEFF{"name":"ada","color":"blue"}', `${JSON_TYPE}; charset=UTF-8`],
  ])('is read alike from %s, with its path and query', async (_what, payload, type) => {
    const response = await post(payload, type)
    expect(response.statusCode).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.json()).toEqual({
      fields: { name: 'ada', color: 'blue' },
      query: { page: '2' },
      params: { id: '7' },
    })
  })

  test('may have no body', async () => {
    const app = await serveTestArea({ routes: [aRoute({ body: [] })] })
    const response = await app.inject({ method: 'POST', url: '/old/things/7' })
    expect(response.json().fields).toEqual({})
  })

  test.each<[number, string, string | Buffer, string]>([
    [400, 'JSON that is cut off', '{"name"', JSON_TYPE],
    [400, 'JSON that is no object', '[1]', JSON_TYPE],
    [400, 'JSON that is not UTF-8', Buffer.from('{"name":"\xe9"}', 'latin1'), JSON_TYPE],
    [400, 'JSON nested deeply', `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`, JSON_TYPE],
    [400, 'JSON nested without end', `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, JSON_TYPE],
    [400, 'too many JSON values', JSON.stringify({ list: Array(101).fill(1) }), JSON_TYPE],
    [400, 'a JSON value longer than allowed', JSON.stringify({ deep: { name: 'x'.repeat(4_001) } }), JSON_TYPE],
    [400, 'a form field longer than allowed', `name=${'x'.repeat(4_001)}`, FORM],
    [400, 'a form field sent twice', 'name=ada&name=ben', FORM],
    [413, 'a body larger than allowed', `name=${'x'.repeat(2_000_000)}`, FORM],
    [415, 'text', 'name=ada', 'text/plain'],
    [415, 'JSON in another encoding', '{}', `${JSON_TYPE}; charset=utf-16`],
  ])('is refused with %i, in the envelope, for %s', async (status, _what, payload, type) => {
    const response = await post(payload, type)
    expect(response.statusCode).toBe(status)
    expect(response.json()).toEqual({ code: expect.any(String), detail: expect.any(String), fields: [] })
    expect(response.body).not.toContain('xxx')
  })

  test('is refused for a body the route doesn’t take', async () => {
    const response = await post('{}', JSON_TYPE, { body: ['form'] })
    expect(response.statusCode).toBe(415)
    expect(response.json().detail).toBe('only application/x-www-form-urlencoded is accepted here')
    expect((await post('{}', JSON_TYPE, { body: [] })).json().detail).toBe('no body is accepted here')
  })

  test('is refused naming each field that is wrong', async () => {
    const schema = z.object({ name: z.string(), age: z.number() })
    const response = await post('{"name":5}', JSON_TYPE, {
      answer: async ({ fields }) => ({ body: readFields(schema, fields) }),
    })
    expect(response.json()).toMatchObject({ code: 'fields-invalid', fields: [{ field: 'name' }, { field: 'age' }] })
  })
})

describe('what is thrown', () => {
  test.each<[number, string, Error]>([
    [400, 'invalid_grant', new errors.InvalidGrant('gone')],
    [401, 'invalid_client', new errors.InvalidClientAuth('no such client')],
    [409, 'conflict', new CompatRefused('conflict', 'somebody was faster')],
    [500, 'failed', new Error('a secret of ours')],
  ])('becomes %i %s', async (status, code, error) => {
    const response = await post('', FORM, { answer: () => Promise.reject(error) })
    expect(response.statusCode).toBe(status)
    expect(response.json().code).toBe(code)
    expect(response.body).not.toMatch(/a secret of ours|at .*\.ts/)
  })
})

describe('an address', () => {
  test('of the area without a route is 404, in the envelope', async () => {
    const app = await serveTestArea({ routes: [aRoute()] })
    const response = await app.inject({ method: 'GET', url: '/old/nothing' })
    expect(response.statusCode).toBe(404)
    expect(response.json().code).toBe('not-found')
  })

  test('with a route of another method is 405 and says which', async () => {
    const app = await serveTestArea({ routes: [aRoute(), aRoute({ method: 'GET' })] })
    const response = await app.inject({ method: 'DELETE', url: '/old/things/7' })
    expect(response.statusCode).toBe(405)
    expect(response.headers.allow).toBe('POST, GET')
    expect(response.json().code).toBe('method-not-allowed')
  })

  test('takes a slash at its end where the API does', async () => {
    const app = await serveTestArea({ routes: [aRoute()], takesTrailingSlash: true })
    expect((await app.inject({ method: 'POST', url: '/old/things/7/' })).statusCode).toBe(200)
    const strict = await serveTestArea({ routes: [aRoute()] })
    expect((await strict.inject({ method: 'POST', url: '/old/things/7/' })).statusCode).toBe(404)
  })

  test('may be read by the origins of clients, exactly', async () => {
    const app = await serveTestArea({ routes: [aRoute(), aRoute({ method: 'PATCH' })] })
    const preflight = (origin: string) =>
      app.inject({
        method: 'OPTIONS',
        url: '/old/things/7',
        headers: { origin, 'access-control-request-method': 'PATCH' },
      })
    expect((await preflight(APP_ORIGIN)).headers).toMatchObject({
      'access-control-allow-origin': APP_ORIGIN,
      'access-control-allow-methods': 'POST, PATCH',
    })
    expect((await preflight('http://localhost:30011')).headers['access-control-allow-origin']).toBeUndefined()
  })
})

test('a route that takes a token in its address says that this is to end (RFC 9745)', async () => {
  const app = await serveTestArea({
    routes: [
      aRoute({ takesTokenInQuery: true }),
      aRoute({ path: '/broken', takesTokenInQuery: true, answer: () => Promise.reject(new Error('broken')) }),
      aRoute({ path: '/new' }),
    ],
  })
  const ask = (path: string) => app.inject({ method: 'POST', url: `/old${path}?refresh_token=x` })
  for (const path of ['/things/7', '/broken']) {
    expect((await ask(path)).headers).toMatchObject({
      deprecation: '@1795564800',
      link: `<${ISSUER}/token>; rel="successor-version"`,
    })
  }
  expect((await ask('/new')).headers.deprecation).toBeUndefined()
})
