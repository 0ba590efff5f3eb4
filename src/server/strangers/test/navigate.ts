import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlainly } from 'node:http'
import { request as requestSecurely } from 'node:https'

/** Asks for a page as a browser does when somebody goes there: `fetch` would say of itself that it is a script. */
export async function navigate(
  url: URL,
  { body, headers }: { body?: URLSearchParams; headers: Record<string, string> },
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const send = url.protocol === 'https:' ? requestSecurely : requestPlainly
  const form = body && { 'content-type': 'application/x-www-form-urlencoded' }
  // A connection of its own: apps start anew on the port of the test before.
  const request = send(url, { agent: false, method: body ? 'POST' : 'GET', headers: { ...form, ...headers } })
  request.end(body?.toString())
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }
}
