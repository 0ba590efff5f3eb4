import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An issuer whose silent answer is posted by a page of another origin, with everything else right. */
export interface IssuerThatLeadsAway {
  address: string
  hasPosted(): boolean
  stop(): void
}

export async function startIssuerThatLeadsAway(): Promise<IssuerThatLeadsAway> {
  let isPosted = false
  const elsewhere = await listen((_request, response) => {
    isPosted = true
    const answer = "JSON.parse(new URLSearchParams(location.search).get('answer'))"
    response.setHeader('content-type', 'text/html')
    response.end(`<script>parent.postMessage(${answer}, '*')</script>`)
  })
  const portal = await listen((request, response) => {
    const url = new URL(request.url ?? '', address)
    response.setHeader('access-control-allow-origin', '*')
    if (url.pathname.includes('.well-known')) response.end(JSON.stringify(metadata(address)))
    else response.writeHead(303, { location: `${originOf(elsewhere)}/?${answerTo(url, address)}` }).end()
  })
  const address = originOf(portal)
  return {
    address,
    hasPosted: () => isPosted,
    stop() {
      for (const server of [elsewhere, portal]) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}

function answerTo({ searchParams }: URL, iss: string): URLSearchParams {
  const response = { error: 'login_required', state: searchParams.get('state'), iss }
  return new URLSearchParams({ answer: JSON.stringify({ type: 'authorization_response', response }) })
}

function metadata(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    authorization_response_iss_parameter_supported: true,
    response_modes_supported: ['query', 'web_message'],
  }
}

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function originOf(server: Server): string {
  return `http://localhost:${(server.address() as AddressInfo).port}`
}
