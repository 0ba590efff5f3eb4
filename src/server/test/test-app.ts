import type { FastifyInstance } from 'fastify'
import { createApp } from '../app.ts'
import type { Config } from '../config/schema.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import type { ReachableServer } from './reachable-server.ts'
import { TestBrowser } from './test-browser.ts'
import { aConfig } from './test-config.ts'

/** A whole server, in this process or in another. */
export interface ReachableApp {
  server: ReachableServer
  browser(): TestBrowser
}

export interface TestApp extends ReachableApp {
  server: FastifyInstance
  store: Store
  config: Config
  /** Every line the server logged. */
  log: string[]
  close(): Promise<void>
}

export interface TestAppOptions {
  config?: Config
  store?: Store
  /** The test makes something fail inside on purpose. */
  expectsErrors?: boolean
}

/** The whole server on a real store, called in process. */
export async function startTestApp({
  config = aConfig(),
  store,
  expectsErrors = false,
}: TestAppOptions = {}): Promise<TestApp> {
  const log: string[] = []
  const keep = (line: string) => {
    log.push(line)
    // What failed inside is nowhere else to be read: answers don't tell.
    if (!expectsErrors && /"level":[56]0/.test(line)) process.stderr.write(line)
  }
  const usedStore = store ?? (await openStore('sqlite::memory:'))
  const { server } = await createApp({ config, store: usedStore, log: { level: 'info', destination: { write: keep } } })
  await server.ready()
  return {
    server,
    store: usedStore,
    config,
    log,
    browser: () => new TestBrowser(server, config.origin),
    async close() {
      await server.close()
      if (!store) await usedStore.close()
    },
  }
}
