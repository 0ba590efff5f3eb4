import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { ReachableServer } from './reachable-server.ts'
import type { ReachableApp } from './test-app.ts'
import { TestBrowser } from './test-browser.ts'

export interface NodeOrders {
  databaseUrl: string
  /** Overrides of the test tenant. */
  tenant?: Record<string, unknown>
  /** Each request stands still for ever once it has made this many writes and commits. */
  haltAfter?: number
}

/** What the process says to whoever started it. */
export type NodeMessage = { ports: number[] } | { halted: number }

/** Nodes in one other process. */
export interface NodeProcess {
  nodes: ReachableApp[]
  /** A request at this node stands still. */
  halted(node: number): Promise<void>
  /** SIGKILL: no handler runs, no farewell is said. */
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('./node-process.ts', import.meta.url))

export async function startNodes(orders: NodeOrders[]): Promise<NodeProcess> {
  // Starting is most of what such a test costs: what was compiled once is kept between processes.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'portico-test-compiled') }
  const child = fork(program, [JSON.stringify(orders)], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const halts = orders.map(() => Promise.withResolvers<void>())
  const ports = await new Promise<number[]>((resolve, reject) => {
    child.on('message', (message: NodeMessage) => {
      if ('ports' in message) resolve(message.ports)
      else halts[message.halted]?.resolve()
    })
    child.once('exit', (code, signal) => reject(new Error(`the nodes ended: ${code ?? signal}`)))
  })
  return {
    nodes: ports.map(reachableNode),
    halted: async (node) => halts[node]?.promise,
    kill: () => kill(child),
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function reachableNode(port: number): ReachableApp {
  const agent = new Agent({ keepAlive: true })
  const server: ReachableServer = {
    inject: ({ method, url, headers, payload }) =>
      new Promise((resolve, reject) => {
        const outgoing = request({ host: '127.0.0.1', port, agent, method, path: url, headers })
        outgoing.once('error', reject)
        outgoing.once('response', (incoming) => {
          const answer = (body: string) => ({
            statusCode: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body,
            json: () => JSON.parse(body),
          })
          text(incoming).then((body) => resolve(answer(body)), reject)
        })
        outgoing.end(payload)
      }),
  }
  return { server, browser: () => new TestBrowser(server) }
}
