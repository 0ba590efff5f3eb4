import { once } from 'node:events'
import { get } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, hasEnded, lastLines, type Program, startChild } from './child.ts'

const START_LIMIT_MS = 30_000
const ASK_EVERY_MS = 5

/** A server under load, in a process of its own. */
export interface Server {
  origin: string
  child: Child
  /** From the start of its process to the first 200. */
  startMs: number
}

/** Starts a server and waits for its first 200 at `readyPath`. */
export async function startServer(program: Program, origin: string, readyPath: string): Promise<Server> {
  const started = performance.now()
  const child = startChild(program)
  while (!(await answers(origin + readyPath))) {
    if (hasEnded(child.process) || performance.now() - started > START_LIMIT_MS) {
      throw new Error(`${program.name} did not start:\n${lastLines(program.logFile)}`)
    }
    await sleep(ASK_EVERY_MS)
  }
  return { origin, child, startMs: performance.now() - started }
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(address, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    }).on('error', () => resolve(false))
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
