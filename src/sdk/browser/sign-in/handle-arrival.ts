import type { BrowserEnvironment } from '../environment.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { StartDeps } from '../silent/sign-in-at-start.ts'
import { type Arrival, arriveAt, returnAddress } from './arrival.ts'
import type { FinishDeps, OpenArrival } from './finish-arrival.ts'

/** What {@link handleArrival} needs. */
export interface HandleDeps extends FinishDeps, StartDeps {
  underWay: BrowserEnvironment['underWay']
}

/** Goes from how a page was reached to who is here. */
export async function handleArrival(arrival: Arrival, deps: HandleDeps): Promise<void> {
  const { underWay } = deps
  const first = underWay.get(deps.prefix)
  if (first) await first
  else if (arrival.kind === 'astray') arriveAt(deps.options.homeUri, deps.page)
  if (first || arrival.kind === 'astray' || arrival.kind === 'ordinary') return restore(deps)
  const work = finish(arrival, deps)
  const settled = work.catch(() => undefined).finally(() => underWay.delete(deps.prefix))
  underWay.set(deps.prefix, settled)
  return work
}

/** Publishes who is here; where nobody is, the portal may know the person. */
async function restore(deps: HandleDeps): Promise<void> {
  const { opened, options, session } = deps
  const { store } = await opened
  if (options.silentSignIn === 'off' || (await store.read()).session) return session.restore()
  const protocol = await loadProtocol().catch(() => undefined)
  return session.restore(protocol ? await protocol.signInAtStart(deps) : { status: 'unknown', reason: 'network' })
}

async function finish(arrival: OpenArrival, deps: FinishDeps): Promise<void> {
  const protocol = await loadProtocol().catch(() => undefined)
  if (protocol) return protocol.finishArrival(arrival, deps)
  arriveAt(returnAddress(arrival.data, deps.page), deps.page)
  return deps.session.restore({ status: 'unknown', reason: 'network' })
}
