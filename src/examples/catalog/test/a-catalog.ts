import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { startCatalog } from '../server.ts'
import { anIssuer } from './an-issuer.ts'

export const webhookSecret = `whsec_${Buffer.from('a secret of thirty-two bytes ..!').toString('base64')}`

/** Sent once or often, it is the same event. */
export interface AnEvent {
  id: string
  body: string
  headers: Record<string, string>
}

/** A catalog on a port of its own, with an issuer whose tokens it accepts. */
export async function aCatalog() {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-'))
  await writeFile(join(folder, 'index.html'), '<meta name="issuer" content="{{issuer}}">')
  const issuer = await anIssuer()
  const options = { port: 0, issuer: issuer.issuer, webhookSecret, cartsFile: join(folder, 'carts.db'), pages: folder }
  let catalog = await startCatalog(options)
  const request = (path: string, init?: RequestInit) => fetch(catalog.origin + path, init)
  return {
    issuer,
    request,
    async cartOf(headers: Record<string, string>) {
      return (await request('/api/cart', { headers })).json()
    },
    put: (headers: Record<string, string>, item: string, quantity: unknown) =>
      request(`/api/cart/${item}`, { method: 'PUT', headers, body: JSON.stringify({ quantity }) }),
    send: ({ body, headers }: AnEvent) => request('/webhooks/portico', { method: 'POST', body, headers }),
    async restart() {
      await catalog.close()
      catalog = await startCatalog(options)
    },
    async close() {
      await catalog.close()
      issuer.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** "Guest G became member M", signed as the portal signs it. */
export function anUpgrade(data: Record<string, string>, secret = webhookSecret): AnEvent {
  const [id, now] = [`evt_${randomUUID()}`, new Date()]
  const body = JSON.stringify({ type: 'guest.upgraded', timestamp: now.toISOString(), data })
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  }
  return { id, body, headers }
}
