import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type ViteBuilder } from 'vite'

const outDir = 'dist/portal'
const builtTemplate = fileURLToPath(new URL(`${outDir}/index.html`, import.meta.url))

/**
 * `vite build --app` makes the portal: first the browser's assets, then `render.js` around the `index.html` that names
 * them. What `index.html` says in double braces is filled in by `src/portal/document.ts`.
 */
export default defineConfig({
  plugins: [react(), builtTemplatePlugin()],
  html: { cspNonce: '{{nonce}}' },
  build: { outDir, assetsInlineLimit: 0, modulePreload: { polyfill: false }, license: false },
  environments: {
    client: { build: { emptyOutDir: true } },
    ssr: {
      // One file that needs no node_modules beside it, React's production build inside.
      resolve: { noExternal: true },
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        ssr: true,
        emptyOutDir: false,
        copyPublicDir: false,
        rolldownOptions: {
          input: 'src/portal/render.tsx',
          output: { entryFileNames: 'render.js', codeSplitting: false },
        },
      },
    },
  },
  builder: { buildApp },
})

async function buildApp({ environments: { client, ssr }, build }: ViteBuilder): Promise<void> {
  if (!client || !ssr) throw new Error('The portal is built for a browser and for a server: both are needed.')
  await build(client)
  await build(ssr)
  await rm(builtTemplate)
  await compressAssets(`${dirname(builtTemplate)}/assets`)
}

/** A `.br` beside each asset: compressed once, harder than a server would for each answer. */
async function compressAssets(folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const compressed = brotliCompressSync(await readFile(join(folder, file)))
    await writeFile(join(folder, `${file}.br`), compressed)
  }
}

/** Gives the renderer the template as built, with the hashed names, where the source names `index.html`. */
function builtTemplatePlugin(): Plugin {
  const id = '\0built-template'
  return {
    name: 'portico:built-template',
    enforce: 'pre',
    apply: 'build',
    applyToEnvironment: (environment) => environment.name === 'ssr',
    resolveId: (source) => (source.endsWith('/index.html?raw') ? id : null),
    load: async (loaded) =>
      loaded === id ? `export default ${JSON.stringify(await readFile(builtTemplate, 'utf8'))}` : null,
  }
}
