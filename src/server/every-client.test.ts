import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDpopKey } from './test/dpop-key.ts'
import { type Everything, SECOND_SECRET, startEverything } from './test/everything-on.ts'
import { expectRefused, expectSane } from './test/expect-sane.ts'
import { basicAuth } from './test/flows.ts'
import { operationsWhere } from './test/operations.ts'
import { startAsking } from './test/send-operation.ts'
import { APP_ORIGIN, ORIGIN } from './test/test-config.ts'

// The rules about clients, people and keys, wherever an operation has them: the same at every path.

let everything: Everything
beforeAll(async () => {
  everything = await startEverything()
})
afterAll(() => everything.close())

const withClient = operationsWhere(({ rules }) => rules.client !== undefined)
const withSecret = operationsWhere(({ rules }) => rules.client === 'secret')
const withScope = operationsWhere(({ rules }) => rules.scope === true)
const withCredentials = operationsWhere(({ rules }) => rules.credentials === true)
const forServers = operationsWhere(({ rules }) => rules.serverOnly === true)
const withProof = operationsWhere(({ rules }) => rules.proof !== undefined)
const ofOlderApis = operationsWhere(({ of }) => !of.startsWith('grant '))

describe('a client', () => {
  test.each(withClient)('authenticates in one way (RFC 6749 section 2.3): %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    const both = { ...fields, client_id: 'server', client_secret: SECOND_SECRET }
    const twice = await ask(both, { headers: basicAuth('server') })
    expectRefused(operation, twice, { what: 'by Basic and in the form', status: 400 })
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const asserted = await ask({ ...fields, client_assertion_type: type, client_assertion: 'x.y.z' })
    expectRefused(operation, asserted, { what: 'by an assertion too', status: 400 })
  })

  test.each(withClient)('isn’t told whether a name or a secret was wrong: %s', async (_name, operation) => {
    const { ask, fields, without } = await startAsking(everything, operation)
    const client_secret = 'wrong-secret-0123456789abcdef'
    const unknown = await ask({ ...fields, client_secret, client_id: 'nobody' })
    const wrong = await ask({ ...fields, client_secret, client_id: 'server' })
    const none = await ask({ ...without('client_secret'), client_id: 'server' })
    const needless = await ask({ ...fields, client_secret, client_id: 'app' })
    for (const response of [unknown, wrong, none, needless])
      expectRefused(operation, response, { what: 'who asks', status: 401 })
    expect(wrong.json()).toEqual(unknown.json())
  })

  test.each(withClient)('gets nothing by a grant it doesn’t hold: %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    const client_id = operation.rules.client === 'secret' ? 'other-server' : 'other-app'
    expectRefused(operation, await ask({ ...fields, client_id }), { what: client_id, status: 400 })
  })

  test.each(withSecret)('may show either of two secrets while one replaces the other: %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    expect((await ask({ ...fields, client_secret: SECOND_SECRET })).statusCode).toBe(operation.succeeds)
  })

  test.each(forServers)('that is a page gets nothing where only servers may ask: %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    expectRefused(operation, await ask(fields, { headers: { origin: APP_ORIGIN } }), {
      what: 'from a page',
      status: 403,
    })
  })
})

test.each(withScope)('%s refuses a scope beyond what may be had, never narrows it', async (_name, operation) => {
  const { ask, fields } = await startAsking(everything, operation)
  for (const scope of ['FullAccess', 'Shopper FullAccess', 'portico:admin', 'MeAdmin'])
    expectRefused(operation, await ask({ ...fields, scope }), { what: scope, status: 400 })
})

test.each(withCredentials)('%s refuses a name nobody has and a wrong password alike', async (_name, operation) => {
  const { ask, fields } = await startAsking(everything, operation)
  const wrong = await ask({ ...fields, password: 'wrong' })
  expectRefused(operation, wrong, { what: 'a wrong password' })
  for (const username of ['nobody', 'visitor', 'a@b.test']) {
    const unknown = await ask({ ...fields, username })
    expect(unknown.statusCode).toBe(wrong.statusCode)
    expect(unknown.json()).toEqual(wrong.json())
  }
})

/** None of them is good for this request (RFC 9449 section 4.3). */
async function badProofs(url: string): Promise<string[]> {
  const key = await createDpopKey()
  return [
    'nonsense',
    'a.b.c',
    await key.proof({ url: `${url}/else` }),
    await key.proof({ url, method: 'PUT' }),
    await key.proof({ url, issuedAt: Math.floor(Date.now() / 1000) - 3_600 }),
  ]
}

describe('a DPoP proof', () => {
  test.each(withProof)('that is none is refused: %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    for (const dpop of await badProofs(`${ORIGIN}${operation.url}`))
      expectRefused(operation, await ask(fields, { headers: { dpop } }), { what: dpop, status: 400 })
  })

  test.each(withProof)('that is good binds the token to its key, and is spent: %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    const key = await createDpopKey()
    const dpop = await key.proof({ url: `${ORIGIN}${operation.url}` })
    const first = await ask(fields, { headers: { dpop } })
    expect(first.json()).toMatchObject({ token_type: 'DPoP' })
    expect(decodeJwt(first.json().access_token).cnf).toEqual({ jkt: key.thumbprint })
    const again = await ask(fields, { headers: { dpop } })
    if (operation.rules.proof === 'once') expectRefused(operation, again, { what: 'a spent proof', status: 400 })
    else expect(decodeJwt(again.json().access_token).cnf).toEqual({ jkt: key.thumbprint })
  })

  test.each(ofOlderApis)('means nothing to an older API: %s', async (_name, operation) => {
    const { ask, fields } = await startAsking(everything, operation)
    for (const dpop of await badProofs(`${ORIGIN}${operation.url}`)) {
      const response = await ask(fields, { headers: { dpop } })
      expectSane(operation, response, dpop)
      expect(response.body).not.toMatch(/"token_type":"DPoP"/i)
    }
  })
})
