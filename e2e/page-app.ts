import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { join } from 'node:path'
import { build } from 'vite'
import type { Certificate } from '../src/server/strangers/test/certificates.ts'

/** An app of one page and one script. */
export interface PageApp {
  origin: string
  stop(): void
}

interface PageAppOptions {
  port: number
  /** Data attributes of its page. */
  data: Record<string, string>
  /** With one it is on https. */
  certificate?: Certificate | undefined
}

/** Bundles an app as its users would and serves it. */
export async function startPageApp(entry: string, { port, data, certificate }: PageAppOptions): Promise<PageApp> {
  const script = await bundle(join(import.meta.dirname, entry))
  const attributes = Object.entries(data).map(([name, value]) => `data-${name}="${value}"`)
  const html = `<!doctype html><html ${attributes.join(' ')}><body><script type="module" src="/app.js"></script></body></html>`
  const answer: RequestListener = (request, response) => {
    const isScript = request.url === '/app.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(isScript ? script : html)
  }
  const server = certificate ? createSecureServer(certificate, answer) : createServer(answer)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `${certificate ? 'https' : 'http'}://localhost:${port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function bundle(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    // Vitest's own environment would make it a development build.
    oxc: { jsx: { development: false } },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      rolldownOptions: { input: entry, output: { codeSplitting: false } },
    },
  })
  const [first] = [built].flat()
  if (!first || !('output' in first)) throw new Error(`${entry} was not built`)
  return first.output[0].code
}
