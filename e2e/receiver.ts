import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands before an app's own receiver, and can be down while the app's pages are up. */
export interface Receiver {
  url: string
  secret: string
  /** While it is not, everything the portal tells is refused. */
  isUp: boolean
  /** Ids of the events the portal has brought, each time it did; what is no event has none. */
  readonly brought: string[]
  stop(): void
}

/** Starts a receiver that hands on what comes, twice, as a network may, or as often as a test says. */
export async function startReceiver(target: string, { copies = 2 } = {}): Promise<Receiver> {
  const brought: string[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { host: _ours, 'content-length': _length, connection: _connection, ...headers } = request.headers
    brought.push(String(headers['webhook-id']))
    const init = { method: 'POST', headers: headers as Record<string, string>, body }
    // The catalog may be stopping while an event is on its way: whoever stands before it says so.
    const send = () =>
      fetch(target, init).then(
        ({ status }) => status,
        () => 502,
      )
    let answer = 503
    for (let copy = 0; receiver.isUp && copy < copies; copy++) answer = await send()
    response.writeHead(answer).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    secret: `whsec_${randomBytes(32).toString('base64')}`,
    isUp: true,
    brought,
    stop: () => void server.close(),
  }
  return receiver
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
