import type { Load } from './load/load.ts'
import type { LoadResult } from './load/load-process.ts'
import type { Scenario, Side } from './scenarios/scenario.ts'
import type { Child } from './servers/child.ts'

export interface Bench {
  load: Load
  /** The servers that run; idle while another is measured. */
  servers: Partial<Record<Side['server'], { origin: string; child: Child }>>
  seconds: number
  rounds: number
  connections: number
}

export interface Figures {
  /** Pieces of work a second, one per round. */
  rates: number[]
  /** CPU time of the process that answers, per piece of work. */
  cpuMsEach: number
  /** Of the load process, at most. */
  busy: number
}

export interface Measured {
  scenario: Scenario
  subject: Figures
  rival: Figures | undefined
  errors: number
  reasons: string[]
}

const WARM_UP_SECONDS = 2
/** The load process is no server: its users connect to nobody. */
const NOWHERE = 'http://127.0.0.1:1'

/** Measures both sides in turns, so that whatever else the machine does meets both alike. */
export async function measure(bench: Bench, scenario: Scenario): Promise<Measured> {
  const sides = (['subject', 'rival'] as const).filter((name) => scenario[name] !== undefined)
  const runs: Record<(typeof sides)[number], Run[]> = { subject: [], rival: [] }
  const results: LoadResult[] = []
  for (const side of sides) {
    results.push((await run(bench, scenario, side, Math.min(bench.seconds, WARM_UP_SECONDS))).result)
  }
  for (let round = 0; round < bench.rounds; round++) {
    for (const side of sides) runs[side].push(await run(bench, scenario, side, bench.seconds))
  }
  results.push(...[...runs.subject, ...runs.rival].map(({ result }) => result))
  return {
    scenario,
    subject: figures(runs.subject),
    rival: scenario.rival && figures(runs.rival),
    errors: results.reduce((sum, { errors }) => sum + errors, 0),
    reasons: [...new Set(results.flatMap(({ reasons }) => reasons))],
  }
}

/** Lets the subject work once more, and answers with where its process spent the time. */
export async function profile(bench: Bench, scenario: Scenario): Promise<object> {
  const child = await prepare(bench, scenario, 'subject')
  await child.startProfile()
  await bench.load.work(bench.seconds)
  return child.stopProfile()
}

interface Run {
  result: LoadResult
  cpuMs: number
}

async function run(bench: Bench, scenario: Scenario, name: 'subject' | 'rival', seconds: number): Promise<Run> {
  const child = await prepare(bench, scenario, name)
  const before = await child.usage()
  const result = await bench.load.work(seconds)
  const after = await child.usage()
  return { result, cpuMs: after.cpuMs - before.cpuMs }
}

/** Begins every run with users of its own: the longer a chain of tokens, the more stock's in-memory store has to do. */
async function prepare({ load, servers, connections }: Bench, scenario: Scenario, name: 'subject' | 'rival') {
  const { server } = scenario[name] as Side
  const answering = server === 'load' ? { origin: NOWHERE, child: load.child } : servers[server]
  if (!answering) throw new Error(`${scenario.name} needs a server that was not started: ${server}`)
  await load.prepare({ scenario: scenario.name, side: name, origin: answering.origin, users: connections })
  return answering.child
}

function figures(runs: Run[]): Figures {
  const count = runs.reduce((sum, { result }) => sum + result.count, 0)
  return {
    rates: runs.map(({ result }) => result.count / result.seconds),
    cpuMsEach: runs.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / count,
    busy: Math.max(...runs.map(({ result }) => result.busy)),
  }
}
