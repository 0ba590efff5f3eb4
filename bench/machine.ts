import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ROOT } from './servers/child.ts'

const COMMITS = 200

/** What the figures depend on, besides the code. */
export function describeMachine(folder: string): string[] {
  const memory = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  const flags = process.execArgv.join(' ') || 'none'
  return [
    `Node ${process.versions.node}, flags ${flags}, every process alike`,
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, ${(memory / 2 ** 30).toFixed(1)} GiB, load before the start ${loadavg()[0]?.toFixed(1)}`,
    `one SQLite commit with synchronous=FULL takes ${commitMs(folder).toFixed(2)} ms in this folder`,
  ]
}

export function stockVersion(): string {
  const file = join(ROOT, 'node_modules/oidc-provider/package.json')
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'))
  return version
}

/** Tells a real disk from one that only says it wrote. */
function commitMs(folder: string): number {
  const database = new DatabaseSync(join(folder, 'commits.db'))
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table t (n integer)')
  const insert = database.prepare('insert into t values (?)')
  const began = performance.now()
  for (let n = 0; n < COMMITS; n++) insert.run(n)
  const took = performance.now() - began
  database.close()
  return took / COMMITS
}
