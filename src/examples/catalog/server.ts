/** The catalog's server: its pages, and a small API that tells members their prices. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createVerifier, TokenError, type Verifier } from '@portico/sdk/server'
import { type PageFiles, readPageFiles } from './page-files.ts'
import { products } from './products.ts'

/** Where the catalog listens and whose tokens it accepts. */
export interface CatalogOptions {
  /** 0 takes any free port. */
  port?: number
  host?: string
  /** The tenant that signs people in. */
  issuer?: string
  /** What access tokens must be for. */
  audience?: string
  /** Folder of the built pages. */
  pages?: string
}

export interface RunningCatalog {
  /** Address on localhost. */
  origin: string
  close(): Promise<void>
}

interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer
}

const builtPages = join(import.meta.dirname, '../../../dist/catalog')
/** Names of this computer; a page of another name must not reach us through its own DNS. */
const ownHost = /^(?:localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

/**
 * Starts the catalog.
 *
 * @throws {Error} with one sentence that says what to do: the port is in use, or the pages are not built.
 */
export async function startCatalog({
  port = 3001,
  host = '127.0.0.1',
  issuer = 'http://localhost:3000/demo',
  audience = 'https://api.demo.test',
  pages = builtPages,
}: CatalogOptions = {}): Promise<RunningCatalog> {
  const files = await readPageFiles(pages, issuer)
  const verifier = createVerifier({ issuer, audience })
  const server = createServer((request, response) => {
    void answer(request, files, verifier)
      .catch(() => problem(500, 'Something went wrong'))
      .then((found) => send(request, response, found, issuer))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(describe(error, port)))
    server.listen(port, host, resolve)
  })
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}

async function answer(request: IncomingMessage, files: PageFiles, verifier: Verifier): Promise<Answer> {
  const { host = '' } = request.headers
  if (!ownHost.test(host)) return problem(421, 'There is no shop of this name here')
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return problem(405, 'Only reading is possible here', { Allow: 'GET, HEAD' })
  const { pathname } = new URL(request.url ?? '/', `http://${host}`)
  if (pathname === '/api/products')
    return json(
      200,
      products.map(({ memberPrice: _own, ...everyone }) => everyone),
    )
  if (pathname === '/api/member-prices') return memberPrices(request, host, verifier)
  if (pathname.startsWith('/api/')) return problem(404, 'There is nothing here')
  return files.find(pathname) ?? problem(404, 'There is nothing here')
}

/** A member's price for each product: the access token says who asks, and the SDK says whether to believe it. */
async function memberPrices(
  { method, url, headers }: IncomingMessage,
  host: string,
  verifier: Verifier,
): Promise<Answer> {
  try {
    // A DPoP proof names the whole address, and this shop has several names.
    const { guest } = await verifier.verify({ method, url: `http://${host}${url}`, headers })
    if (guest) return problem(403, 'These prices are for members')
    return json(200, Object.fromEntries(products.map(({ slug, memberPrice }) => [slug, memberPrice])))
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    return problem(error.status, error.message, error.headers)
  }
}

function json(status: number, value: unknown): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify(value),
  }
}

/** RFC 9457 */
function problem(status: number, title: string, headers: Record<string, string> = {}): Answer {
  const body = JSON.stringify({ type: 'about:blank', title, status })
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
    body,
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
  issuer: string,
): void {
  response.writeHead(status, { ...safetyHeaders(issuer), ...headers })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function safetyHeaders(issuer: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  }
}

function describe(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} is in use: end what listens there, or set PORT to another.`)
  if (error.code === 'EACCES')
    return new Error(`Port ${port} may not be used by this account: set PORT to one above 1023.`)
  return error
}
