import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { build } from 'vite'

/** An app of somebody else's library: one page with one script. */
export interface StrangersApp {
  origin: string
  stop(): void
}

/** Bundles a page of this folder as its users would and serves it. */
export async function startStrangersApp(
  entry: string,
  { port, issuer }: { port: number; issuer: string },
): Promise<StrangersApp> {
  const script = await bundle(join(import.meta.dirname, entry))
  const html = `<!doctype html><html data-issuer="${issuer}"><body><script type="module" src="/app.js"></script></body></html>`
  const server = createServer((request, response) => {
    const isScript = request.url === '/app.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(isScript ? script : html)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://localhost:${port}`,
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
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: false, target: 'esnext', rolldownOptions: { input: entry } },
  })
  const [first] = [built].flat()
  if (!first || !('output' in first)) throw new Error(`${entry} was not built`)
  return first.output[0].code
}
