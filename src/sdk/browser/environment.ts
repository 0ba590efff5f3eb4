import { createIndexedDbStore } from './session/indexed-db-store.ts'
import type { SessionStore } from './session/session-store.ts'
import type { Frames } from './silent/frames.ts'

/** Small texts that outlive the page: sign-ins on their way and markers, never a token. */
export interface KeyValueStorage {
  get(key: string): string | null
  /** Tells whether the value outlives the page. */
  set(key: string, value: string): boolean
  remove(key: string): void
  keys(prefix: string): string[]
}

/** What moves a page: the address bar and the way to other pages. */
export interface Page {
  readonly address: URL
  /** Goes to another page. */
  open(url: URL | string): void
  /** Goes to another page in place of this one, so that Back does not lead here. */
  openInstead(url: URL | string): void
  /** Changes the address bar only. */
  rewrite(url: URL): void
  /** Lets routers know that the address has changed. */
  announce(): void
}

/** Messages between the tabs of one client. */
export interface TabChannel {
  post(message: unknown): void
  listen(listener: (message: unknown) => void): void
}

/** Runs work while no other tab runs work of the same name. */
export type Exclusively = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** When a page comes back to life: shown again, online again, or restored by the Back button. */
export type WakeEvent = 'visible' | 'online' | 'restored'

/** Everything the SDK takes from the browser, in one place, so that its rules run without one. */
export interface BrowserEnvironment {
  fetch: typeof globalThis.fetch
  page: Page
  /** Shared by all tabs. */
  storage: KeyValueStorage
  /** This tab only; survives a reload. */
  tabStorage: KeyValueStorage
  /** Undefined where the browser keeps nothing. */
  openSessions(clientKey: string): SessionStore | undefined
  openChannel(name: string): TabChannel
  /** Loads what hidden frames need, which few pages do. */
  frames(): Promise<Frames>
  exclusively: Exclusively
  /** Marks that the browser has not been closed since; tells whether it was marked already. */
  markLiveBrowser(clientKey: string): boolean
  onWake(listener: (event: WakeEvent) => void): void
  isHidden(): boolean
  /** Answers being worked on in this page, by client: what a second client of the same page waits for. */
  underWay: Map<string, Promise<void>>
}

const underWay: BrowserEnvironment['underWay'] = new Map()

/** The environment of a real page. */
export function browserEnvironment(): BrowserEnvironment {
  return {
    fetch: (input, init) => globalThis.fetch(input, init),
    page: browserPage(),
    storage: webStorage(() => window.localStorage),
    tabStorage: webStorage(() => window.sessionStorage),
    openSessions: (clientKey) => {
      const factory = indexedDbFactory()
      return factory && createIndexedDbStore(factory, clientKey)
    },
    openChannel,
    frames: () => import('./silent/frames.ts'),
    exclusively,
    markLiveBrowser,
    onWake(listener) {
      window.addEventListener('online', () => listener('online'))
      window.addEventListener('pageshow', (event) => event.persisted && listener('restored'))
      document.addEventListener('visibilitychange', () => document.hidden || listener('visible'))
    },
    isHidden: () => document.hidden,
    underWay,
  }
}

function browserPage(): Page {
  return {
    get address() {
      return new URL(window.location.href)
    },
    open: (url) => window.location.assign(url),
    openInstead: (url) => window.location.replace(url),
    rewrite: (url) => window.history.replaceState(window.history.state, '', url.href),
    announce: () => window.dispatchEvent(new PopStateEvent('popstate', { state: window.history.state })),
  }
}

/** Web storage that may be forbidden or full: then this page's memory has to do. */
export function webStorage(open: () => Storage): KeyValueStorage {
  const memory = new Map<string, string>()
  const attempt = <T>(use: (storage: Storage) => T, otherwise: () => T): T => {
    try {
      return use(open())
    } catch {
      return otherwise()
    }
  }
  return {
    get: (key) =>
      memory.get(key) ??
      attempt(
        (storage) => storage.getItem(key),
        () => null,
      ),
    set: (key, value) =>
      attempt(
        (storage) => {
          storage.setItem(key, value)
          return true
        },
        () => {
          memory.set(key, value)
          return false
        },
      ),
    remove(key) {
      memory.delete(key)
      attempt(
        (storage) => storage.removeItem(key),
        () => undefined,
      )
    },
    keys(prefix) {
      const stored = attempt(
        (storage) => Object.keys(storage),
        () => [],
      )
      return [...stored, ...memory.keys()].filter((key) => key.startsWith(prefix))
    },
  }
}

function indexedDbFactory(): IDBFactory | undefined {
  try {
    // Reading the property throws where storage is forbidden.
    return window.indexedDB ?? undefined
  } catch {
    return undefined
  }
}

function openChannel(name: string): TabChannel {
  if (typeof BroadcastChannel === 'undefined') return { post: () => undefined, listen: () => undefined }
  const channel = new BroadcastChannel(name)
  return {
    post: (message) => channel.postMessage(message),
    listen: (listener) => channel.addEventListener('message', (event) => listener(event.data)),
  }
}

/** A tab that hangs with the lock must not hold up the others for ever: the issuer's repeatable renewal covers that. */
const longestWaitMs = 45_000

async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return work()
  let started = false
  const run = () => {
    started = true
    return work()
  }
  try {
    return await navigator.locks.request(name, { signal: AbortSignal.timeout(longestWaitMs) }, run)
  } catch (error) {
    if (started) throw error
    return work()
  }
}

/** A cookie without an end goes when the browser closes; it says nothing but that. */
function markLiveBrowser(clientKey: string): boolean {
  const cookie = `portico-live-${encodeURIComponent(clientKey)}=1`
  const wasLive = document.cookie.split('; ').includes(cookie)
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some supported browsers
  document.cookie = `${cookie}; path=/; samesite=lax`
  return wasLive
}
