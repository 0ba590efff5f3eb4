import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCatalog, anUpgrade } from './test/a-catalog.ts'

let catalog: Awaited<ReturnType<typeof aCatalog>>
beforeAll(async () => {
  catalog = await aCatalog()
})
afterAll(() => catalog.close())

let visits = 0
/** A visitor nobody has seen before, and who they become. */
async function aVisit() {
  visits += 1
  const [session_id, guest_sub, member_sub] = [`visit-${visits}`, `guest-${visits}`, `member-${visits}`]
  const guest = await catalog.issuer.tokenOf({ sub: guest_sub, session_id, guest: true })
  const member = await catalog.issuer.tokenOf({ sub: member_sub, session_id })
  return { guest, member, member_sub, upgrade: anUpgrade({ tenant: 'demo', session_id, guest_sub, member_sub }) }
}

const kettle = { product: 'kettle', color: 'red', quantity: 1 }
const mugs = { product: 'mug', color: 'oat', quantity: 2 }

test('products are for whoever holds a token, guest or member, and for nobody else', async () => {
  const { guest, member } = await aVisit()
  expect((await catalog.request('/api/products', { headers: guest })).status).toBe(200)
  expect((await catalog.request('/api/products', { headers: member })).status).toBe(200)
  const plain = await catalog.request('/api/products')
  expect(plain.status).toBe(401)
  expect(plain.headers.get('www-authenticate')).toMatch(/^Bearer/)
})

test('members see their prices and guests do not', async () => {
  const { guest, member } = await aVisit()
  expect((await catalog.request('/api/member-prices', { headers: guest })).status).toBe(403)
  expect(await (await catalog.request('/api/member-prices', { headers: member })).json()).toMatchObject({
    kettle: 6400,
  })
})

test('a cart is empty until something is put in, and keeps it over a restart', async () => {
  const { guest } = await aVisit()
  expect(await catalog.cartOf(guest)).toEqual([])
  await catalog.put(guest, 'kettle/red', 1)
  await catalog.put(guest, 'mug/oat', 1)
  expect(await (await catalog.put(guest, 'mug/oat', 2)).json()).toEqual([kettle, mugs])
  await catalog.restart()
  expect(await catalog.cartOf(guest)).toEqual([kettle, mugs])
  expect(await (await catalog.put(guest, 'kettle/red', 0)).json()).toEqual([mugs])
})

test.each([-1, 21, 1.5, '2', null, undefined])('%j is no quantity', async (quantity) => {
  const { guest } = await aVisit()
  expect((await catalog.put(guest, 'kettle/red', quantity)).status).toBe(400)
  expect(await catalog.cartOf(guest)).toEqual([])
})

test.each(['anvil/red', 'kettle/oat', 'kettle'])('%s is nothing the shop sells', async (item) => {
  expect((await catalog.put((await aVisit()).guest, item, 1)).status).toBe(404)
})

test('the event hands the cart to the member, and the guest’s token shows an empty one', async () => {
  const { guest, member, upgrade } = await aVisit()
  await catalog.put(guest, 'kettle/red', 1)
  expect(await catalog.cartOf(member)).toEqual([])
  expect((await catalog.send(upgrade)).status).toBe(204)
  expect(await catalog.cartOf(member)).toEqual([kettle])
  expect(await catalog.cartOf(guest)).toEqual([])
})

test('an event that comes twice, at once or after a restart, counts once', async () => {
  const { guest, member, upgrade } = await aVisit()
  await catalog.put(guest, 'mug/oat', 2)
  const answers = await Promise.all([catalog.send(upgrade), catalog.send(upgrade)])
  expect(answers.map(({ status }) => status)).toEqual([204, 204])
  // A token of the guest lives a little longer; what is done with it reaches nobody.
  await catalog.put(guest, 'kettle/red', 1)
  await catalog.restart()
  await catalog.send(upgrade)
  expect(await catalog.cartOf(member)).toEqual([mugs])
})

test('what the member has in their cart already is added to', async () => {
  const { guest, member, upgrade } = await aVisit()
  await catalog.put(guest, 'mug/oat', 1)
  await catalog.put(member, 'mug/oat', 1)
  await catalog.send(upgrade)
  expect(await catalog.cartOf(member)).toEqual([mugs])
  expect(await (await catalog.put(member, 'mug/oat', 5)).json()).toEqual([{ ...mugs, quantity: 5 }])
})

test('the event of one visit moves nothing of another', async () => {
  const [one, other] = [await aVisit(), await aVisit()]
  await catalog.put(other.guest, 'kettle/red', 1)
  await catalog.send(one.upgrade)
  expect(await catalog.cartOf(other.guest)).toEqual([kettle])
})

test('an event that is not signed by the portal moves nothing', async () => {
  const { guest, member, upgrade, member_sub } = await aVisit()
  await catalog.put(guest, 'kettle/red', 1)
  const forged = anUpgrade(JSON.parse(upgrade.body).data, 'whsec_c29tZWJvZHkgZWxzZSwgd2hvIGtub3dzIHdobw==')
  const changed = { ...upgrade, body: upgrade.body.replace(member_sub, 'eve') }
  const old = { ...upgrade, headers: { ...upgrade.headers, 'webhook-timestamp': '1700000000' } }
  for (const event of [forged, changed, old, { ...upgrade, headers: {} }]) {
    expect((await catalog.send(event)).status).toBe(401)
  }
  expect(await catalog.cartOf(guest)).toEqual([kettle])
  expect(await catalog.cartOf(member)).toEqual([])
})

test('more than fits is refused', async () => {
  const answer = await catalog.send({ ...(await aVisit()).upgrade, body: 'x'.repeat(100_000) })
  expect(answer.status).toBe(413)
})
