/** Orders: a server-side app with a secret. The browser gets pages and one cookie; tokens never leave this process. */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { AuthorizationResponseError } from 'openid-client'
import { type Answer, notFound, page, redirect } from './answers.ts'
import { takeLogout } from './backchannel.ts'
import { ordersOf } from './orders.ts'
import { ordersPage } from './pages/orders-page.ts'
import { type Notice, welcomePage } from './pages/welcome-page.ts'
import { createPortal, type Portal, type SignOutScope } from './portal.ts'
import { createSessions, type Sessions } from './sessions.ts'

/** Where Orders listens and who signs its people in. */
export interface OrdersOptions {
  clientSecret: string
  clientId?: string
  /** 0 takes any free port. */
  port?: number
  host?: string
  /** The tenant that signs people in. */
  issuer?: string
  /** Address of the shop. */
  catalog?: string
}

interface Deps {
  portal: Portal
  sessions: Sessions
  catalog: string
}

/** One request, with the address it really came to. */
interface Asked {
  request: IncomingMessage
  url: URL
}

const publicFiles: Record<string, string> = {
  '/orders.css': 'text/css; charset=utf-8',
  '/restored.js': 'text/javascript; charset=utf-8',
  '/favicon.svg': 'image/svg+xml',
}
/** Names of this computer; a page of another name must not reach us through its own DNS. */
const ownHost = /^(?:localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

export async function startOrders({
  clientSecret,
  clientId = 'orders',
  port = 3002,
  host = '127.0.0.1',
  issuer = 'http://localhost:3000/demo',
  catalog = 'http://localhost:3001/',
}: OrdersOptions): Promise<{ origin: string; close(): Promise<void> }> {
  const deps = { portal: createPortal({ issuer, clientId, clientSecret }), sessions: createSessions(), catalog }
  const server = createServer((request, response) => {
    void answer(request, deps)
      .catch(() => page(500, welcomePage({ catalog, notice: 'sign-in-failed' })))
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

async function answer(request: IncomingMessage, deps: Deps): Promise<Answer> {
  const { host = '' } = request.headers
  if (!ownHost.test(host)) return { status: 421, body: 'There is nobody of this name here' }
  // A whole address is as good as a path (RFC 9112 section 3.2.2).
  const url = URL.parse(request.url ?? '', `http://${host}`)
  if (!url) return { status: 400, body: 'This address can not be read' }
  const asked = { request, url }
  const route = `${request.method === 'HEAD' ? 'GET' : request.method} ${asked.url.pathname}`
  if (route === 'GET /') return home(asked, deps)
  if (route === 'GET /sign-in') return signIn(asked, deps)
  if (route === 'GET /callback') return comeBack(asked, deps)
  if (route === 'POST /sign-out') return signOut(asked, deps, 'browser')
  if (route === 'POST /sign-out-everywhere') return signOut(asked, deps, 'everywhere')
  if (route === 'POST /backchannel') return takeLogout(request, { ...deps.portal, sessions: deps.sessions })
  return publicFile(asked.url.pathname)
}

function home({ request }: Asked, { sessions, catalog }: Deps): Answer {
  const person = sessions.find(request)?.person
  if (!person) return page(200, welcomePage({ catalog }))
  return page(200, ordersPage({ person, orders: ordersOf(person.sub), catalog }))
}

/** Sends the browser to the portal, which asks for nothing when it knows the person. */
async function signIn({ request, url }: Asked, deps: Deps): Promise<Answer> {
  try {
    const { address, attempt } = await deps.portal.begin(url.origin)
    const session = deps.sessions.find(request)
    session?.attempts.set(attempt.state, attempt)
    const cookie = session ? [] : [deps.sessions.start(request, { attempts: new Map([[attempt.state, attempt]]) })]
    return redirect(address, cookie)
  } catch {
    return welcome(503, deps, 'portal-away')
  }
}

/** The browser is back. Signed in, it gets a new session, so that nobody who knew the old one is signed in with it. */
async function comeBack({ request, url }: Asked, deps: Deps): Promise<Answer> {
  const session = deps.sessions.find(request)
  const attempt = session?.attempts.get(url.searchParams.get('state') ?? '')
  if (!session || !attempt) {
    // Back, or a reload: whoever is signed in stays so.
    return session?.person ? redirect(new URL('/', url)) : welcome(400, deps, 'sign-in-failed')
  }
  session.attempts.delete(attempt.state)
  try {
    const person = await deps.portal.finish(url, attempt)
    return redirect(new URL('/', url), [deps.sessions.start(request, { attempts: session.attempts, person })])
  } catch (error) {
    const isDenied = error instanceof AuthorizationResponseError && error.error === 'access_denied'
    return isDenied ? welcome(200, deps, 'denied') : welcome(400, deps, 'sign-in-failed')
  }
}

/** Signs out here first, then at the portal and with it at every app in this browser, or everywhere. */
async function signOut({ request, url }: Asked, { portal, sessions }: Deps, scope: SignOutScope): Promise<Answer> {
  // A form on a stranger's page must not sign anybody out.
  if (request.headers['sec-fetch-site'] === 'cross-site' || (request.headers.origin ?? url.origin) !== url.origin) {
    return redirect(new URL('/', url))
  }
  const person = sessions.find(request)?.person
  const cookie = [sessions.end(request)]
  const home = new URL('/', url)
  const address = person ? await portal.leave(url.origin, person, scope).catch(() => home) : home
  return redirect(address, cookie)
}

function welcome(status: number, { catalog }: Deps, notice: Notice): Answer {
  return page(status, welcomePage({ catalog, notice }))
}

async function publicFile(path: string): Promise<Answer> {
  const type = publicFiles[path]
  if (!type) return notFound
  const body = await readFile(join(import.meta.dirname, 'public', path))
  return { status: 200, headers: { 'Content-Type': type, 'Cache-Control': 'no-cache' }, body }
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
    "img-src 'self'",
    "base-uri 'none'",
    // The sign-out form leads on to the portal.
    `form-action 'self' ${new URL(issuer).origin}`,
    "frame-ancestors 'none'",
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  }
}

function describe(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} is in use: end what listens there, or set PORT to another.`)
  if (error.code === 'EACCES')
    return new Error(`Port ${port} may not be used by this account: set PORT to one above 1023.`)
  return error
}
