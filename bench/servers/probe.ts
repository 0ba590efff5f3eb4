/**
 * Loaded into every measured process before its own program: tells what it costs, and ends with the bench however that ends.
 */
import type { Session } from 'node:inspector/promises'

export interface Usage {
  /** User and system time since the process began. */
  cpuMs: number
  /** Resident memory. */
  rssBytes: number
}

export type ProbeRequest = { probe: 'usage' | 'start-profile' | 'stop-profile' }
export type ProbeAnswer = { probe: ProbeRequest['probe']; usage: Usage; profile?: object }

let inspector: Session | undefined

process.on('message', async (message: Partial<ProbeRequest>) => {
  if (message.probe === undefined) return
  const profile = await profiler(message.probe)
  const answer: ProbeAnswer = { probe: message.probe, usage: usage(), ...(profile && { profile }) }
  process.send?.(answer)
})
process.on('disconnect', () => process.exit())
// The program decides how long it lives; this channel does not keep it.
process.channel?.unref()

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() }
}

async function profiler(request: ProbeRequest['probe']): Promise<object | undefined> {
  if (request === 'start-profile') inspector = await startProfiler()
  if (request !== 'stop-profile' || !inspector) return undefined
  const { profile } = await inspector.post('Profiler.stop')
  inspector.disconnect()
  return profile
}

/** Loaded when first needed: what isn't measured should not weigh. */
async function startProfiler(): Promise<Session> {
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  return session
}
