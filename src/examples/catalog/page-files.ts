import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

/** The built pages, ready to be sent. */
export interface PageFiles {
  /** The file at a path; the shop's page for paths that only the page itself knows. */
  find(path: string): { status: number; headers: Record<string, string>; body: Buffer } | undefined
}

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const kept = 'public, max-age=31536000, immutable'
const askAgain = 'no-cache'

/**
 * Reads the built pages into memory; the page learns the issuer from its `issuer` meta element.
 *
 * @throws {Error} when they are not built.
 */
export async function readPageFiles(folder: string, issuer: string): Promise<PageFiles> {
  const files = new Map<string, Buffer>()
  for (const entry of await list(folder)) {
    const path = join(entry.parentPath, entry.name)
    files.set(`/${relative(folder, path).split(sep).join('/')}`, await readFile(path))
  }
  const page = files.get('/index.html')
  if (!page) throw notBuilt(folder)
  files.set('/index.html', Buffer.from(page.toString().replace('{{issuer}}', escapeAttribute(issuer))))
  return {
    find(path) {
      // A path with an ending is a file or a mistake, never a page of the shop.
      const name = extname(path) ? path : '/index.html'
      const body = files.get(name)
      const type = types[extname(name)]
      if (!body || !type) return undefined
      const cache = name.startsWith('/assets/') ? kept : askAgain
      return { status: 200, headers: { 'Content-Type': type, 'Cache-Control': cache }, body }
    },
  }
}

async function list(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw notBuilt(folder)
  })
  return entries.filter((entry) => entry.isFile())
}

function notBuilt(folder: string): Error {
  return new Error(`The catalog's pages are not in ${folder}: run "npm run build" first.`)
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
