import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

export interface ServerRequest {
  method: 'GET' | 'POST'
  /** Path and query. */
  url: string
  headers: Record<string, string>
  payload?: string
}

export interface ServerResponse {
  statusCode: number
  headers: IncomingHttpHeaders | OutgoingHttpHeaders
  body: string
  json(): ReturnType<typeof JSON.parse>
}

/** What tests ask of a server, be it in this process or in another. */
export interface ReachableServer {
  inject(request: ServerRequest): Promise<ServerResponse>
}
