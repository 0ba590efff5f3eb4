/** The asking side of the flood: some people refresh at an easy pace, others sign in with wrong passwords, 500 a second. */
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '../load/connection.ts'
import { portico, signInAt, tokenClient } from '../scenarios/dialects.ts'
import { APP_ID, OLD_APP_ID } from '../servers/parties.ts'
import type { Phase } from './phases.ts'

export interface FloodOrders {
  origin: string
  phase: Phase
  seconds: number
}

export interface FloodResult {
  seconds: number
  /** How long each refresh took. */
  refreshMs: number[]
  /** Answers to wrong passwords, by status. */
  answers: Record<number, number>
}

const PEOPLE = 16
const REFRESH_EVERY_MS = 200
const ATTACKERS = 100
/** Together 500 a second, as long as answers come in time. */
const TRY_EVERY_MS = 200

const { origin, phase, seconds }: FloodOrders = JSON.parse(process.argv[2] ?? '')
const refreshMs: number[] = []
const answers: Record<number, number> = {}

const people = await Promise.all(Array.from({ length: PEOPLE }, (_, index) => beginChain(index)))
const until = performance.now() + seconds * 1000
const attackers = phase === 'quiet' ? [] : Array.from({ length: ATTACKERS }, () => new Connection(origin))
await Promise.all([
  ...people.map((refresh, index) => every(REFRESH_EVERY_MS, index / PEOPLE, refresh)),
  ...attackers.map((connection, index) => every(TRY_EVERY_MS, index / ATTACKERS, () => tryWrongPassword(connection))),
])
process.send?.({ flood: { seconds, refreshMs, answers } satisfies FloodResult })

/** At a fixed pace, whatever the answers take: who is late goes on at once. */
async function every(ms: number, offset: number, work: () => Promise<void>): Promise<void> {
  for (let next = performance.now() + offset * ms; next < until; next += ms) {
    await sleep(Math.max(0, next - performance.now()))
    await work()
  }
}

async function beginChain(index: number): Promise<() => Promise<void>> {
  const user = { index, connection: new Connection(origin) }
  const client = await tokenClient(portico, user)
  let { refresh_token = '' } = await signInAt(portico, user, client)
  return async () => {
    const began = performance.now()
    const tokens = await client.request({ grant_type: 'refresh_token', client_id: APP_ID, refresh_token })
    refreshMs.push(performance.now() - began)
    refresh_token = tokens.refresh_token ?? ''
  }
}

async function tryWrongPassword(connection: Connection): Promise<void> {
  const { status } = await connection.send({
    method: 'POST',
    path: portico.tokenPath,
    headers: { accept: 'application/json', 'x-forwarded-for': phase === 'one network' ? '192.0.2.1' : anAddress() },
    form: { grant_type: 'password', client_id: OLD_APP_ID, username: randomUUID(), password: 'wrong' },
  })
  answers[status] = (answers[status] ?? 0) + 1
}

function anAddress(): string {
  return `2001:db8:${randomHex()}:${randomHex()}::1`
}

function randomHex(): string {
  return Math.floor(Math.random() * 65_536).toString(16)
}
