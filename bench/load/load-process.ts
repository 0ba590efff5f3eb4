/** The asking side, in a process of its own: makes the users of a scenario, lets them work, and counts. */
import { performance } from 'node:perf_hooks'
import { scenarios } from '../scenarios/index.ts'
import type { Work } from '../scenarios/scenario.ts'
import { Connection } from './connection.ts'

export type LoadRequest =
  | { load: 'prepare'; scenario: string; side: 'subject' | 'rival'; origin: string; users: number }
  | { load: 'work'; seconds: number }

export type LoadAnswer = { load: 'prepared' } | ({ load: 'worked' } & LoadResult) | { load: 'failed'; reason: string }

export interface LoadResult {
  count: number
  seconds: number
  errors: number
  /** The first few, in words. */
  reasons: string[]
  /** Share of the time in which this process had no time to wait: near 1 it, and not the server, sets the pace. */
  busy: number
}

const MOST_ERRORS = 100
const MOST_REASONS = 3

let works: Work[] = []
let connections: Connection[] = []

process.on('message', async (message: Partial<LoadRequest>) => {
  if (message.load === undefined) return
  try {
    process.send?.(await answer(message as LoadRequest))
  } catch (error) {
    process.send?.({ load: 'failed', reason: (error as Error).message } satisfies LoadAnswer)
  }
})
process.channel?.ref()

async function answer(request: LoadRequest): Promise<LoadAnswer> {
  if (request.load === 'work') return { load: 'worked', ...(await work(request.seconds)) }
  await prepare(request)
  return { load: 'prepared' }
}

async function prepare({ scenario, side, origin, users }: LoadRequest & { load: 'prepare' }): Promise<void> {
  const begin = scenarios.find(({ name }) => name === scenario)?.[side]?.begin
  if (!begin) throw new Error(`no ${side} of ${scenario}`)
  connections = Array.from({ length: users }, () => new Connection(origin))
  works = await Promise.all(connections.map((connection, index) => begin({ index, connection })))
}

async function work(seconds: number): Promise<LoadResult> {
  const result = { count: 0, errors: 0, reasons: [] as string[] }
  const began = performance.now()
  const idle = performance.eventLoopUtilization()
  await Promise.all(works.map((once) => repeat(once, began + seconds * 1000, result)))
  const { utilization: busy } = performance.eventLoopUtilization(idle)
  const took = (performance.now() - began) / 1000
  for (const connection of connections) connection.close()
  return { ...result, seconds: took, busy }
}

async function repeat(once: Work, deadline: number, result: Pick<LoadResult, 'count' | 'errors' | 'reasons'>) {
  while (performance.now() < deadline && result.errors < MOST_ERRORS) {
    try {
      await once()
      result.count++
    } catch (error) {
      result.errors++
      if (result.reasons.length < MOST_REASONS) result.reasons.push((error as Error).message)
    }
  }
}
