import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type Receiver, startReceiver } from './receiver.ts'
import { freePort, run, type Shop, startShop, untilUp } from './shop.ts'

/** An app under a name on the portal's site, and under one that is another site. */
export interface Origins {
  here: string
  elsewhere: string
}

/** A shop whose other apps run too. */
export interface WholeShop extends Shop {
  orders: Origins
  legacy: Origins
  /** What the portal tells Orders passes through here. */
  ordersReceiver: Receiver
}

export async function startWholeShop(): Promise<WholeShop> {
  const [ordersPort, legacyPort] = [await freePort(), await freePort()]
  const [orders, legacy] = [originsAt(ordersPort), originsAt(legacyPort)]
  const secret = randomBytes(32).toString('base64url')
  // A logout token that came twice would be refused the second time, and come again for ever.
  const ordersReceiver = await startReceiver(`${orders.here}/backchannel`, { copies: 1 })
  const clients = [ordersClient(orders, secret, ordersReceiver), legacyClient(legacy)]
  const shop = await startShop({ clients })
  const issuer = { ISSUER: shop.issuer }
  const ordersEnv = { ...issuer, PORT: String(ordersPort), CATALOG: `${shop.catalog}/`, CLIENT_SECRET: secret }
  const programs = [
    run(['src/examples/orders/serve.ts'], ordersEnv),
    run(['src/examples/legacy/serve.ts'], { ...issuer, PORT: String(legacyPort) }),
  ]
  await untilUp([`${orders.here}/`, `${legacy.here}/`], programs)
  return {
    ...shop,
    orders,
    legacy,
    ordersReceiver,
    async stop() {
      await Promise.all(programs.map(end))
      ordersReceiver.stop()
      await shop.stop()
    },
  }
}

async function end(program: ChildProcess): Promise<void> {
  program.kill('SIGTERM')
  if (program.exitCode === null) await once(program, 'exit')
}

function originsAt(port: number): Origins {
  return { here: `http://localhost:${port}`, elsewhere: `http://shop.localhost:${port}` }
}

function ordersClient({ here, elsewhere }: Origins, secret: string, receiver: Receiver) {
  return {
    client_id: 'orders',
    client_name: 'Orders',
    client_uri: `${here}/`,
    client_secret: secret,
    consent: 'skip',
    redirect_uris: [`${here}/callback`, `${elsewhere}/callback`],
    post_logout_redirect_uris: [`${here}/`, `${elsewhere}/`],
    backchannel_logout_uri: receiver.url,
  }
}

function legacyClient({ here, elsewhere }: Origins) {
  return {
    client_id: 'legacy',
    client_name: 'Legacy',
    client_uri: `${here}/`,
    grant_types: ['implicit'],
    redirect_uris: [`${here}/`, `${elsewhere}/`],
    post_logout_redirect_uris: [`${here}/`, `${elsewhere}/`],
    allowed_origins: [here, elsewhere],
  }
}
