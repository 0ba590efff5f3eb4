/** Serves one static page and its files; there is nothing else to this app. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

export interface LegacyOptions {
  /** 0 takes any free port. */
  port?: number
  host?: string
  /** The tenant that signs people in. */
  issuer?: string
}

const folder = join(import.meta.dirname, 'public')
const files = ['/index.html', '/take-answer.js', '/legacy.js', '/id-token.js', '/legacy.css', '/favicon.svg']
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export async function startLegacy({
  port = 3003,
  host = '127.0.0.1',
  issuer = 'http://localhost:3000/demo',
}: LegacyOptions = {}): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const name = pathname === '/' ? '/index.html' : pathname
    if (!files.includes(name) || !['GET', 'HEAD'].includes(request.method ?? '')) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is nothing here\n')
      return
    }
    const text = await readFile(join(folder, name), 'utf8')
    response.writeHead(200, { ...safetyHeaders(issuer), 'Content-Type': types[extname(name)] })
    response.end(text.replace('{{issuer}}', issuer.replaceAll('&', '&amp;').replaceAll('"', '&quot;')))
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

/** What a page with a token in it should send: scripts of its own only, and its address to nobody. */
function safetyHeaders(issuer: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  }
}

function describe(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} is in use: end what listens there, or set PORT to another.`)
  if (error.code === 'EACCES')
    return new Error(`Port ${port} may not be used by this account: set PORT to one above 1023.`)
  return error
}
