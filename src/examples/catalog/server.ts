/** The catalog's server: its pages, and the API behind them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createVerifier } from '@portico/sdk/server'
import { type Answer, problem } from './answers.ts'
import { type ApiDeps, answerApi } from './api.ts'
import { openCarts } from './carts.ts'
import { type PageFiles, readPageFiles } from './page-files.ts'

/** Where the catalog listens and whose tokens it accepts. */
export interface CatalogOptions {
  /** 0 takes any free port. */
  port?: number
  host?: string
  /** The tenant that signs people in. */
  issuer?: string
  /** What access tokens must be for. */
  audience?: string
  /** File of the carts; by default they last as long as the process. */
  cartsFile?: string
  /** Signs what the portal tells, `whsec_…`; without one guests' carts stay behind when they sign in. */
  webhookSecret?: string
  /** Folder of the built pages. */
  pages?: string
}

export interface RunningCatalog {
  /** Address on localhost. */
  origin: string
  close(): Promise<void>
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
  cartsFile = ':memory:',
  webhookSecret,
  pages = builtPages,
}: CatalogOptions = {}): Promise<RunningCatalog> {
  const files = await readPageFiles(pages, issuer)
  const carts = openCarts(cartsFile)
  const api = { verifier: createVerifier({ issuer, audience }), carts, webhookSecret }
  const server = createServer((request, response) => {
    void answer(request, files, api)
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
        server.close(() => {
          carts.close()
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

async function answer(request: IncomingMessage, files: PageFiles, api: ApiDeps): Promise<Answer> {
  const { host = '' } = request.headers
  if (!ownHost.test(host)) return problem(421, 'There is no shop of this name here')
  // A whole address is as good as a path (RFC 9112 section 3.2.2).
  const url = URL.parse(request.url ?? '', `http://${host}`)
  if (!url) return problem(400, 'This address can not be read')
  const answered = await answerApi({ request, url }, api)
  if (answered) return answered
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return problem(405, 'Only reading is possible here', { Allow: 'GET, HEAD' })
  return files.find(url.pathname) ?? problem(404, 'There is nothing here')
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
    `frame-src ${new URL(issuer).origin}`,
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
