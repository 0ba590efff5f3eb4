import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, type Server, startServer } from './server.ts'

const STOCK = new URL('./stock-server.ts', import.meta.url)
const PLAIN = new URL('./plain-server.ts', import.meta.url)

export function startStock(folder: string): Promise<Server> {
  return start('stock', STOCK, folder, '/.well-known/openid-configuration')
}

export function startPlain(folder: string): Promise<Server> {
  return start('plain', PLAIN, folder, '/')
}

async function start(name: string, file: URL, folder: string, readyPath: string): Promise<Server> {
  const port = await freePort()
  const program = {
    name,
    args: [fileURLToPath(file)],
    env: { PORT: String(port), NODE_ENV: 'production' },
    logFile: join(folder, `${name}.log`),
  }
  return startServer(program, `http://127.0.0.1:${port}`, readyPath)
}
