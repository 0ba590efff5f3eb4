import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './median.ts'
import { startStock } from './servers/others.ts'
import { installPortico } from './servers/portico.ts'
import type { Server } from './servers/server.ts'

export interface StartUp {
  startMs: number
  idleBytes: number
}

export interface StartUps {
  /** On an empty folder: makes the tables and the keys. */
  first: StartUp
  again: StartUp
  stock: StartUp
}

const SETTLE_MS = 1_000
const PEOPLE = 2

/** Starts each server as often as there are rounds, in turns and alone; medians. */
export async function measureStartUps(folder: string, rounds: number): Promise<StartUps> {
  const runs: StartUps[] = []
  for (let round = 0; round < rounds; round++) {
    const home = join(folder, `start-${round}`)
    await mkdir(home)
    const portico = await installPortico(home, { people: PEOPLE })
    const first = await observe(await portico.start())
    runs.push({ first, again: await observe(await portico.start()), stock: await observe(await startStock(home)) })
  }
  const middle = (which: keyof StartUps): StartUp => ({
    startMs: median(runs.map((run) => run[which].startMs)),
    idleBytes: median(runs.map((run) => run[which].idleBytes)),
  })
  return { first: middle('first'), again: middle('again'), stock: middle('stock') }
}

async function observe({ child, startMs }: Server): Promise<StartUp> {
  await sleep(SETTLE_MS)
  const { rssBytes: idleBytes } = await child.usage()
  await child.stop()
  return { startMs, idleBytes }
}
