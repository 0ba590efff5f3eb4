import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import type { EventTenant } from '../event.ts'

export interface Received {
  id: string
  method: string | undefined
  headers: Record<string, string>
  body: string
}

type Answer = (response: ServerResponse, received: Received) => void

/** Answers with a status and nothing else. */
export const answer =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end()

/** Never answers. */
export const silence: Answer = () => {}

/** A shop that listens for events on a real port of this machine. */
export async function startReceiver({ port = 0, respond = answer(204) }: { port?: number; respond?: Answer } = {}) {
  const received: Received[] = []
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  const receiver = { respond }
  const server = createServer(async (request, response) => {
    const one = await read(request)
    received.push(one)
    receiver.respond(response, one)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const usedPort = typeof address === 'object' && address ? address.port : 0
  return Object.assign(receiver, {
    port: usedPort,
    received,
    ids: () => received.map(({ id }) => id),
    webhook: { url: `http://127.0.0.1:${usedPort}/events`, secret, events: ['guest.upgraded' as const] },
    /** Throws unless the sender knew the secret. */
    verify: ({ body, headers }: Received, withSecret = secret) => new Webhook(withSecret).verify(body, headers),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
export type TestReceiver = Awaited<ReturnType<typeof startReceiver>>

async function read(request: IncomingMessage): Promise<Received> {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  return { id: headers['webhook-id'] ?? '', method: request.method, headers, body: await text(request) }
}

export function aTenant(webhooks: EventTenant['config']['webhooks']): EventTenant {
  return { id: 'demo', config: { webhooks } }
}

/** Waits until it is so; the test's own time limit ends a wait in vain. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(5)
}
