import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAudit } from './audit/audit.ts'
import { compatAreas } from './compat/compat-routes.ts'
import { GRANTS } from './engine/grants/grants.ts'
import type { Services } from './services.ts'
import { createTenant } from './tenant/tenant.ts'
import { createTenantParts } from './tenant-parts.ts'
import { type Everything, startEverything } from './test/everything-on.ts'
import { expectRefused, expectSane } from './test/expect-sane.ts'
import { HOSTILE_JSON, HOSTILE_TEXTS, hostileEncodings } from './test/hostile-values.ts'
import { OPERATIONS, operationsWhere } from './test/operations.ts'
import { asForm, type Sent, startAsking, TYPES } from './test/send-operation.ts'

let everything: Everything
beforeAll(async () => {
  everything = await startEverything()
})
afterAll(() => everything.close())

const all = operationsWhere(() => true)
const withForm = operationsWhere(({ fieldsIn }) => fieldsIn === 'form')
const withJson = operationsWhere(({ fieldsIn }) => fieldsIn === 'json')
const withBody = [...withForm, ...withJson]
const withParameters = operationsWhere(({ fieldsIn }) => fieldsIn === 'form' || fieldsIn === 'query')

test('every grant and every route of an older API is among the operations', async () => {
  const { store, config } = everything.app
  const { tenants, limits, origin, secrets } = config
  const services: Partial<Services> = { limits, origin, secrets, store, audit: createAudit(store, { info: () => {} }) }
  if (!tenants.demo) throw new Error('no tenant')
  const parts = await createTenantParts(createTenant('demo', tenants.demo, services as Services))
  const routes = compatAreas([parts]).flatMap(({ prefix, routes: below }) =>
    below.map(({ method, path }) => `${method} ${prefix}${path}`),
  )
  const grants = GRANTS.map(({ grantType }) => `grant ${grantType}`)
  expect([...new Set(OPERATIONS.map((operation) => operation.of))].sort()).toEqual([...routes, ...grants].sort())
})

// Without this the rest would prove little: a request that never worked is easily refused.
test.each(all)('%s succeeds as it is', async (_name, operation) => {
  const response = await (await startAsking(everything, operation)).ask()
  expect(response.statusCode, response.body).toBe(operation.succeeds)
  expect(response.headers['cache-control']).toBe('no-store')
})

test.each(all)('%s answers no other method', async (_name, operation) => {
  const { ask, fields } = await startAsking(everything, operation)
  const shared = OPERATIONS.filter(({ url }) => url === operation.url).map(({ method }) => method as string)
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((other) => !shared.includes(other))) {
    const response = await ask(fields, { method })
    expectRefused(operation, response, { what: method, status: 405 })
    expect(response.headers.allow).toContain(operation.method)
  }
})

// Where passwords are checked each one takes its time.
describe('a field that is malformed', { timeout: 120_000 }, () => {
  test.each(all)('is answered in the form its clients expect: %s', async (_name, operation) => {
    const { ask, fields, names, without } = await startAsking(everything, operation)
    for (const name of names) {
      expectSane(operation, await ask(without(name)), `no ${name}`)
      for (const [what, text] of Object.entries(HOSTILE_TEXTS))
        expectSane(operation, await ask({ ...fields, [name]: text }), `${name} is ${what}`)
    }
  })

  test.each(withJson)('also where it is no text: %s', async (_name, operation) => {
    const { ask, fields, names } = await startAsking(everything, operation)
    for (const name of names)
      for (const [what, value] of Object.entries(HOSTILE_JSON))
        expectSane(operation, await ask({ ...fields, [name]: value }), `${name} is ${what}`)
  })

  test.each(withParameters)(
    'also where nobody would write it so, and never where it comes twice: %s',
    async (_name, operation) => {
      const { ask, fields, names, without } = await startAsking(everything, operation)
      for (const name of names) {
        for (const [what, text] of Object.entries(hostileEncodings(name, String(fields[name] ?? 'x')))) {
          const sent = [asForm(without(name)), text].filter(Boolean).join('&')
          const response = await ask(fields, operation.fieldsIn === 'form' ? { body: sent } : { query: sent })
          if (what.startsWith('twice')) expectRefused(operation, response, { what: `${name} ${what}`, status: 400 })
          else expectSane(operation, response, `${name} ${what}`)
        }
      }
    },
  )
})

describe('a body', () => {
  test.each(withBody)('of another kind is refused: %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    const other = operation.fieldsIn === 'form' ? 'json' : 'form'
    const bodies: Record<string, string> = {
      ...(operation.alsoTakes !== other && {
        [TYPES[other]]: other === 'json' ? JSON.stringify(fields) : asForm(fields),
      }),
      'text/plain': 'x',
      'application/xml': '<x/>',
      'multipart/form-data; boundary=x': '--x--',
    }
    for (const [type, body] of Object.entries(bodies))
      expectRefused(operation, await ask(fields, { type, body }), { what: type, status: 415 })
  })

  test.each(withBody)('can’t be in the address instead (RFC 6749 section 2.3.1): %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    const nothing = operation.fieldsIn === 'json' ? '{}' : ''
    expectRefused(operation, await ask(fields, { query: asForm(fields), body: nothing }), { what: 'in the address' })
  })

  test.each(withJson)('of JSON is an object, well formed: %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    for (const body of ['', '{', '[]', '"text"', 'null', '\u0000', `${'['.repeat(30_000)}${']'.repeat(30_000)}`])
      expectRefused(operation, await ask(fields, { body }), { what: body.slice(0, 20) })
  })
})

test.each(all)('%s refuses too much at once, within 100 ms', async (_name, operation) => {
  const { ask, fields } = await startAsking(everything, operation)
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`p${index}`, '1']))
  const large = { a: 'x'.repeat(70_000) }
  const write = { form: asForm, json: JSON.stringify }[operation.fieldsIn as string]
  const malformed = operation.malformed ?? 400
  const tooMuch: [number, Sent][] = [
    [malformed, { query: asForm(many) }],
    [malformed, { query: asForm({ q: 'x'.repeat(4_001) }) }],
    ...(write
      ? ([
          [malformed, { body: write(many) }],
          [413, { body: write(large) }],
        ] as [number, Sent][])
      : []),
  ]
  for (const [status, sent] of tooMuch) {
    const { ms, response } = await quickest(() => ask(fields, sent))
    expectRefused(operation, response, { what: JSON.stringify(sent).slice(0, 40), status })
    expect(ms).toBeLessThan(100)
  }
})

/** Of three: a busy machine slows one, not all. */
async function quickest(once: () => Promise<LightMyRequestResponse>) {
  let response = await once()
  let ms = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const started = performance.now()
    response = await once()
    ms = Math.min(ms, performance.now() - started)
  }
  return { ms, response }
}

test.each(all)('%s leaves nothing of what was sent in the log or the audit', async (_name, operation) => {
  const { ask, fields, names } = await startAsking(everything, operation)
  const { log, store } = everything.app
  const before = log.length
  const planted = Object.fromEntries(names.map((name) => [name, `planted-${name}-Zq`]))
  const headers = {
    authorization: 'Bearer planted-bearer-Zq',
    cookie: 'session=planted-cookie-Zq',
    dpop: 'planted-proof-Zq',
  }
  await ask(planted)
  await ask(planted, { headers })
  await ask(fields, { query: asForm({ ...planted, access_token: 'planted-token-Zq' }), headers })
  for (const name of names) await ask({ ...fields, [name]: planted[name] })
  for (const method of ['GET', 'DELETE']) await ask(planted, { method, query: asForm(planted) })
  const rows = await store.db.selectFrom('audit').selectAll().execute()
  // A path is logged: what is in it is no secret.
  const logged = log
    .slice(before)
    .join('')
    .replace(/"path":"[^"]*"/g, '')
  expect(logged.length).toBeGreaterThan(0)
  expect(logged).not.toMatch(/planted-/)
  expect(JSON.stringify(rows)).not.toMatch(/planted-/)
})
