import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '../servers/child.ts'
import type { LoadAnswer, LoadRequest, LoadResult } from './load-process.ts'

const PROGRAM = new URL('./load-process.ts', import.meta.url)

/** The load process, as the bench steers it. */
export interface Load {
  child: Child
  /** @throws Error with what the scenario met on its way to the first counted work */
  prepare(request: Omit<LoadRequest & { load: 'prepare' }, 'load'>): Promise<void>
  work(seconds: number): Promise<LoadResult>
}

export function startLoad(folder: string): Load {
  const child = startChild({ name: 'load', args: [fileURLToPath(PROGRAM)], logFile: join(folder, 'load.log') })
  return {
    child,
    async prepare(request) {
      await ask(child, { load: 'prepare', ...request }, 'prepared')
    },
    work: (seconds) => ask(child, { load: 'work', seconds }, 'worked'),
  }
}

function ask<Kind extends LoadAnswer['load']>(
  { process }: Child,
  request: LoadRequest,
  kind: Kind,
): Promise<Extract<LoadAnswer, { load: Kind }>> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the load process ended by itself'))
    const listen = (message: Partial<LoadAnswer>) => {
      if (message.load === undefined) return
      process.off('message', listen).off('exit', ended)
      if (message.load === 'failed') reject(new Error(message.reason))
      else if (message.load === kind) resolve(message as Extract<LoadAnswer, { load: Kind }>)
    }
    process.on('message', listen).once('exit', ended)
    process.send(request)
  })
}
