import { expect, vi } from 'vitest'
import type { Store } from '../../store/store.ts'
import { createDpopKey, type DpopKey } from '../../test/dpop-key.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import type { TestBrowser } from '../../test/test-browser.ts'
import { aConfidentialClient, aConfig, aGuestClient } from '../../test/test-config.ts'
import { type UnreliableStore, unreliable } from '../../test/unreliable-store.ts'
import { ABSOLUTE_TTL, IDLE_TTL, isLive, type Model } from './family-model.ts'

interface Node {
  app: TestApp
  store: UnreliableStore
}

/** Two real nodes on one real database, two browsers, and a clock that does as it is told. */
export class FamilyWorld {
  readonly #openStore: () => Promise<Store>
  readonly #nodes: Node[] = []
  #browsers: TestBrowser[] = []
  #key: DpopKey | undefined

  constructor(openStore: () => Promise<Store>) {
    this.#openStore = openStore
  }

  async start(): Promise<void> {
    this.#nodes.push(await this.#startNode(), await this.#startNode())
    this.#key = await createDpopKey()
  }

  /** New people in front of new browsers; what earlier ones left behind stays in the database. */
  async enter(startedAt: number): Promise<void> {
    vi.setSystemTime(startedAt)
    this.#browsers = [this.node(0).app.browser(), this.node(0).app.browser()]
    await this.node(0).app.store.db.deleteFrom('consents').execute()
  }

  node(number: number): Node {
    const node = this.#nodes[number]
    if (!node) throw new Error(`there is no node ${number}`)
    return node
  }

  /** As if the process had been killed and started again. */
  async restart(number: number): Promise<void> {
    const old = this.node(number)
    await old.app.close()
    await old.store.close()
    this.#nodes[number] = await this.#startNode()
  }

  browser(number: number, node: number): TestBrowser {
    const browser = this.#browsers[number]
    if (!browser) throw new Error(`there is no browser ${number}`)
    const moved = browser.at(this.node(node).app.server)
    this.#browsers[number] = moved
    return moved
  }

  key(isBound: boolean): DpopKey | undefined {
    return isBound ? this.#key : undefined
  }

  now(): number {
    return Date.now()
  }

  jump(seconds: number): void {
    vi.setSystemTime(Date.now() + seconds * 1000)
  }

  /** What has to be true at any moment, whatever happened before. */
  async checkInvariants(model: Model): Promise<void> {
    const { db } = this.node(0).app.store
    for (const login of model.logins) {
      const tokens = db.selectFrom('refresh_tokens').selectAll().where('family_id', '=', login.claims.sid)
      const leaves = await tokens.where('consumed_at', 'is', null).execute()
      expect(leaves.length, `${login.name} has at most one live leaf`).toBeLessThanOrEqual(1)
      if (isLive(login, this.now())) expect(leaves.length, `${login.name} has a live leaf`).toBe(1)
      const family = db.selectFrom('families').selectAll().where('id', '=', login.claims.sid)
      const row = await family.executeTakeFirst()
      if (row) expect(row.ended_at !== null, `${login.name} is over`).toBe(login.isOver)
      if (row) expect(row, `${login.name} is the same login as ever`).toMatchObject(fixed(login))
    }
  }

  async stop(): Promise<void> {
    for (const { app, store } of this.#nodes) {
      await app.close()
      await store.close()
    }
  }

  async #startNode(): Promise<Node> {
    const store = unreliable(await this.#openStore())
    const catalog = aGuestClient({ refresh_token_ttl: IDLE_TTL, absolute_ttl: ABSOLUTE_TTL })
    const config = aConfig({ tenant: { clients: [catalog, aConfidentialClient()] } })
    return { store, app: await startTestApp({ store, config, expectsErrors: true }) }
  }
}

function fixed({ claims, scope, absoluteEnd }: Model['logins'][number]) {
  const { sub, client_id, session_id } = claims
  return { user_id: sub, client_id, session_id, scope: scope.join(' '), absolute_end: absoluteEnd }
}
