import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { build } from 'vite'

/** An app of one page and one script. */
export interface PageApp {
  origin: string
  stop(): void
}

/** Bundles an app as its users would and serves it; `settings` are the data attributes of its page. */
export async function startPageApp(
  entry: string,
  { port, ...settings }: { port: number; issuer: string } & Record<string, string | number>,
): Promise<PageApp> {
  const script = await bundle(join(import.meta.dirname, entry))
  const attributes = Object.entries(settings).map(([name, value]) => `data-${name}="${value}"`)
  const html = `<!doctype html><html ${attributes.join(' ')}><body><script type="module" src="/app.js"></script></body></html>`
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
