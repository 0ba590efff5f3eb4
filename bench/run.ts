/** `npm run bench [-- NAME… --seconds N --rounds N --profile FOLDER]`: what Portico costs, beside stock node-oidc-provider. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measureFlood } from './flood/flood.ts'
import { floodRows } from './flood/report.ts'
import { startLoad } from './load/load.ts'
import { describeMachine, stockVersion } from './machine.ts'
import { type Options, readOptions } from './options.ts'
import { summarizeProfile } from './profile.ts'
import { startUpRows, tableFoot, tableHead, tableRow } from './report.ts'
import { type Bench, type Measured, measure, profile } from './rounds.ts'
import { scenarios } from './scenarios/index.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { ROOT, stopAll } from './servers/child.ts'
import { startPlain, startStock } from './servers/others.ts'
import { installPortico } from './servers/portico.ts'
import { measureStartUps } from './start-up.ts'

const START_UP = 'start'
const FLOOD = 'flood'

const options = readOptions(process.argv.slice(2))
const chosen = scenarios.filter(({ name }) => isChosen(name))
if (chosen.length === 0 && !isChosen(START_UP) && !isChosen(FLOOD)) {
  const names = [...scenarios.map(({ name }) => name), START_UP, FLOOD]
  console.error(`There is no such scenario. These are: ${names.join(', ')}.`)
  process.exit(1)
}
// Not in the system's folder for temporary files, which may be memory: a commit would cost nothing there.
await mkdir(join(ROOT, 'data'), { recursive: true })
const folder = await mkdtemp(join(ROOT, 'data/bench-'))
let isStopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isStopping = true
    void cleanUp().finally(() => process.exit(130))
  })
}
try {
  printHead(options)
  if (isChosen(START_UP)) console.log(`${startUpRows(await measureStartUps(folder, options.rounds))}\n`)
  if (chosen.length > 0) await compare(chosen)
  if (isChosen(FLOOD)) console.log(`${chosen.length > 0 ? '\n' : ''}${floodRows(await measureFlood(folder, options))}`)
} catch (error) {
  fail(error)
} finally {
  await cleanUp()
}

function isChosen(name: string): boolean {
  return options.names.length === 0 || options.names.some((asked) => name.startsWith(asked))
}

/** What ends because the bench ends is no failure. */
function fail(error: unknown): void {
  if (isStopping) return
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function cleanUp(): Promise<void> {
  await stopAll()
  await rm(folder, { recursive: true, force: true })
}

function printHead({ connections, rounds, seconds }: Options): void {
  const lines = [
    ...describeMachine(folder),
    `${connections} connections; ${rounds} rounds of ${seconds} s a side, in turns; medians`,
    'ours: src/server/serve.js, SQLite file, synchronous=FULL, log level info to a file',
    `stock: oidc-provider ${stockVersion()}, in-memory adapter, ES256 JWT access tokens`,
  ]
  console.log(`${lines.join('\n')}\n`)
}

async function compare(asked: Scenario[]): Promise<void> {
  const bench = await startBench(asked)
  const rows: Measured[] = []
  console.log(tableHead())
  for (const scenario of asked) {
    if (isStopping) return
    const measured = await measure(bench, scenario)
    rows.push(measured)
    console.log(tableRow(measured))
    if (measured.errors > 0) process.exitCode = 1
    if (options.profileFolder !== undefined) await keepProfile(bench, scenario, options.profileFolder)
  }
  console.log(`\n${tableFoot(rows)}`)
}

async function startBench(asked: Scenario[]): Promise<Bench> {
  const needed = new Set(asked.flatMap(({ subject, rival }) => [subject.server, rival?.server]))
  const { connections, rounds, seconds } = options
  const portico = await installPortico(folder, { people: connections })
  const servers = {
    ...(needed.has('portico') && { portico: await portico.start() }),
    ...(needed.has('stock') && { stock: await startStock(folder) }),
    ...(needed.has('plain') && { plain: await startPlain(folder) }),
  }
  return { load: startLoad(folder), servers, connections, rounds, seconds }
}

async function keepProfile(bench: Bench, scenario: Scenario, profileFolder: string): Promise<void> {
  const taken = await profile(bench, scenario)
  await mkdir(profileFolder, { recursive: true })
  await writeFile(join(profileFolder, `${scenario.name}.cpuprofile`), JSON.stringify(taken))
  console.log(summarizeProfile(taken))
}
