import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from '../median.ts'
import { startChild } from '../servers/child.ts'
import { installPortico } from '../servers/portico.ts'
import type { FloodOrders, FloodResult } from './flood-process.ts'
import { PHASES, type Phase } from './phases.ts'

const PROGRAM = fileURLToPath(new URL('./flood-process.ts', import.meta.url))

export interface FloodFigures {
  p50Ms: number
  p99Ms: number
  /** Answers to wrong passwords a second, by status. */
  answers: Record<number, number>
}

export type Flood = Record<Phase, FloodFigures>

/** How long refreshes take while nobody does harm, and while wrong passwords pour in; in turns, medians of the rounds. */
export async function measureFlood(
  folder: string,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Flood> {
  const home = join(folder, 'flood')
  await mkdir(home)
  const portico = await installPortico(home, { people: 16, trustedProxies: ['127.0.0.1'] })
  const server = await portico.start()
  const runs: Record<Phase, FloodResult[]> = { quiet: [], 'many networks': [], 'one network': [] }
  await run(home, { origin: server.origin, phase: 'quiet', seconds: 1 })
  for (let round = 0; round < rounds; round++)
    for (const phase of PHASES) runs[phase].push(await run(home, { origin: server.origin, phase, seconds }))
  await server.child.stop()
  return Object.fromEntries(PHASES.map((phase) => [phase, figures(runs[phase])])) as Flood
}

async function run(folder: string, orders: FloodOrders): Promise<FloodResult> {
  const child = startChild({
    name: 'flood',
    args: [PROGRAM, JSON.stringify(orders)],
    logFile: join(folder, 'flood.log'),
  })
  const { promise, resolve, reject } = Promise.withResolvers<FloodResult>()
  child.process.on('message', (message: { flood?: FloodResult }) => message.flood && resolve(message.flood))
  child.process.once('exit', () => reject(new Error('the process that floods ended by itself')))
  const result = await promise
  await child.stop()
  return result
}

function figures(results: FloodResult[]): FloodFigures {
  const statuses = new Set(results.flatMap(({ answers }) => Object.keys(answers).map(Number)))
  return {
    p50Ms: median(results.map(({ refreshMs }) => quantile(refreshMs, 0.5))),
    p99Ms: median(results.map(({ refreshMs }) => quantile(refreshMs, 0.99))),
    answers: Object.fromEntries(
      [...statuses].map((status) => [
        status,
        median(results.map(({ answers, seconds }) => (answers[status] ?? 0) / seconds)),
      ]),
    ),
  }
}

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
