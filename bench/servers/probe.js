/**
 * Loaded into every measured process before its own program: tells what it costs, and ends with the bench however that ends.
 * Plain JavaScript: Node's TypeScript loader would weigh 10 MB in a process that is asked for its memory.
 */

/** @import { Session } from 'node:inspector/promises' */
/** @import { ProbeAnswer, ProbeRequest, Usage } from './probe-messages.ts' */

/** @type {Session | undefined} */
let inspector

process.on('message', async (/** @type {Partial<ProbeRequest>} */ message) => {
  if (message.probe === undefined) return
  const profile = await profiler(message.probe)
  /** @type {ProbeAnswer} */
  const answer = { probe: message.probe, usage: usage(), ...(profile && { profile }) }
  process.send?.(answer)
})
process.on('disconnect', () => process.exit())
// The program decides how long it lives; this channel does not keep it.
process.channel?.unref()

/** @returns {Usage} */
function usage() {
  const { user, system } = process.cpuUsage()
  return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() }
}

/** @param {ProbeRequest['probe']} request */
async function profiler(request) {
  if (request === 'start-profile') inspector = await startProfiler()
  if (request !== 'stop-profile' || !inspector) return undefined
  const { profile } = await inspector.post('Profiler.stop')
  inspector.disconnect()
  return profile
}

/** Loaded when first needed: what isn't measured should not weigh. */
async function startProfiler() {
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  return session
}
