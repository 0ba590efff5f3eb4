/** Weighs what people really load: a rendered sign-in page with all it names, and the SDK's door as an app bundles it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))
const portal = join(root, 'dist/portal')
const scratch = join(root, '.size')

const signInPage = {
  page: 'sign-in',
  tenant: { id: 'demo', name: 'Demo Store' },
  client: { name: 'Catalog', uri: 'http://localhost:3001/' },
  action: '/demo/interaction/0123456789abcdefghijk',
  // Sealed text doesn't compress: as long as a real one, and as random.
  sealedRequest: Buffer.from(crypto.getRandomValues(new Uint8Array(750))).toString('base64url'),
  username: '',
  upstreams: [{ name: 'acme', label: 'Acme' }],
}

export default [
  { name: 'portal, first load', path: await firstLoad(), limit: '100 KiB', brotli: true },
  { name: '@portico/sdk/react, at start', path: await startOf('react'), limit: '12 KiB', gzip: true },
  { name: '@portico/sdk/server, all of it', path: await startOf('server'), limit: '24 KiB', gzip: true },
]

/** The sign-in page as sent, and each script and style sheet it makes the browser load. */
async function firstLoad() {
  const { render } = await import(join(portal, 'render.js'))
  const html = render(signInPage, { nonce: 'bm9uY2Utb2YtMTYtYnl0ZXM', locale: 'en', theme: 'auto' })
  await mkdir(scratch, { recursive: true })
  await writeFile(join(scratch, 'sign-in.html'), html)
  const named = [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="(\/[^"]+\.(?:js|css))"/g)]
  if (named.length === 0) throw new Error('the rendered sign-in page names no script')
  const loaded = await withImports(named.map(([, address]) => join(portal, address)))
  return [join(scratch, 'sign-in.html'), ...loaded]
}

/** Follows static imports of built chunks; what is imported when needed doesn't count. */
async function withImports(files) {
  const found = new Set(files)
  for (const file of found) {
    if (!file.endsWith('.js')) continue
    for (const [, path] of (await readFile(file, 'utf8')).matchAll(/(?:from|import)\s*"(\.\.?\/[^"]+)"/g)) {
      found.add(join(file, '..', path))
    }
  }
  return [...found]
}

/** Bundles a door of the SDK the way an app would, with all its packages but React. */
async function startOf(door) {
  const outDir = join(scratch, `sdk-${door}`)
  await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir,
      emptyOutDir: true,
      minify: true,
      copyPublicDir: false,
      rolldownOptions: {
        input: join(root, `src/sdk/dist/${door}.js`),
        preserveEntrySignatures: 'strict',
        external: [/^react($|\/)/],
        output: { entryFileNames: 'start.js' },
      },
    },
  })
  return withImports([join(outDir, 'start.js')])
}
