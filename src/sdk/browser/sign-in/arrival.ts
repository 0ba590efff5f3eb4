import type { KeyValueStorage, Page } from '../environment.ts'
import type { ResolvedOptions } from '../options.ts'
import { type AttemptData, readAttemptData } from './attempt-data.ts'
import type { Attempts } from './attempts.ts'
import { type CallbackAnswer, isHomeToo, isRedirectAddress, readCallback, withoutAnswer } from './callback-address.ts'
import { readReturnTo } from './return-to.ts'

/** How a page was reached, as far as signing in is concerned. */
export type Arrival =
  /** By an answer to a sign-in of ours. */
  | { kind: 'answer'; answer: CallbackAnswer; record: string; data: AttemptData }
  /** By a reload while an answer was being worked on: its code is spent. */
  | { kind: 'interrupted'; data: AttemptData }
  /** On the redirect address with nothing to do there: an old or strange answer. */
  | { kind: 'astray' }
  | { kind: 'ordinary' }

/** What reading an arrival needs. */
export interface ArrivalDeps {
  options: ResolvedOptions
  page: Page
  tabStorage: KeyValueStorage
  attempts: Attempts
  prefix: string
}

/**
 * Reads how this page was reached. Synchronous: code and state leave the address bar before anything else runs, and the
 * record is taken so that the same answer means nothing to a second client, a reload or the Back button.
 */
export function readArrival({ options, page, tabStorage, attempts, prefix }: ArrivalDeps): Arrival {
  const { address } = page
  if (!isRedirectAddress(address, options.redirectUri)) return { kind: 'ordinary' }
  const answer = readCallback(address, options.redirectUri)
  if (!answer) return readInterrupted(tabStorage, prefix, options)
  page.rewrite(withoutAnswer(address))
  const record = attempts.claim(answer.state)
  if (record === null) return nothingToDo(options)
  const data = readData(record, options)
  tabStorage.set(underWay(prefix), JSON.stringify({ data }))
  return { kind: 'answer', answer, record, data }
}

/** Notes that the answer of this tab is dealt with. */
export function settleArrival({ tabStorage, prefix }: Pick<ArrivalDeps, 'tabStorage' | 'prefix'>): void {
  tabStorage.remove(underWay(prefix))
}

/** Where a sign-in ends, on the page's own origin. */
export function returnAddress({ returnTo }: Pick<AttemptData, 'returnTo'>, { address }: Page): URL {
  // Joined as text: resolving a path can change the host, joining can't.
  return new URL(address.origin + returnTo)
}

/** Changes the address to where a sign-in ends, and tells routers. */
export function arriveAt(address: URL, page: Page): void {
  page.rewrite(address)
  page.announce()
}

const underWay = (prefix: string) => `${prefix}under-way`

function readInterrupted(tabStorage: KeyValueStorage, prefix: string, options: ResolvedOptions): Arrival {
  const record = tabStorage.get(underWay(prefix))
  return record === null ? nothingToDo(options) : { kind: 'interrupted', data: readData(record, options) }
}

/** On a redirect address of its own nobody should stay; one that is the app's home is a page like any other. */
function nothingToDo(options: ResolvedOptions): Arrival {
  return { kind: isHomeToo(options) ? 'ordinary' : 'astray' }
}

/** Where to end, read anew: what was written down may have been changed by then. */
function readData(record: string, { redirectUri, homeUri }: ResolvedOptions): AttemptData {
  const home = homeUri.pathname + homeUri.search
  const data = readAttemptData(record)
  const returnTo = readReturnTo(data?.returnTo, redirectUri) ?? home
  return { returnTo, isRestart: data?.isRestart ?? true, isSilent: data?.isSilent === true }
}
