import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../store/store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { createDpopKey } from '../test/dpop-key.ts'
import { aPkce, obtainCode, redeem, refresh, signedIn, type TokenResponse } from '../test/flows.ts'
import { type NodeProcess, startNodes } from '../test/start-nodes.ts'
import type { ReachableApp } from '../test/test-app.ts'
import { userinfo } from '../test/userinfo.ts'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const rounds = process.env.PORTICO_TEST_ALL ? 50 : 2
const TIMEOUT_MS = 10_000 + rounds * 2_000

const refreshTokenOf = ({ body }: TokenResponse) => body.refresh_token ?? ''

/** Two servers that share nothing but a database: what one of them did, the other knows. */
describe('on two processes', () => {
  describeStores((openTestStore, databaseUrl) => {
    let store: Store
    let processes: NodeProcess[]
    let nodes: [ReachableApp, ReachableApp]
    beforeAll(async () => {
      store = await openTestStore()
      const databaseUrls = [{ databaseUrl: databaseUrl() }]
      processes = await Promise.all([startNodes(databaseUrls), startNodes(databaseUrls)])
      nodes = processes.flatMap((one) => one.nodes) as typeof nodes
    })
    afterAll(() => Promise.all(processes.map((one) => one.kill())))

    /** 50 requests at once, every second one at the other process. */
    function atOnce<T>(send: (node: ReachableApp, index: number) => Promise<T>): Promise<T[]> {
      return Promise.all(Array.from({ length: 50 }, (_, index) => send(nodes[index % 2] as ReachableApp, index)))
    }

    function tokensOf(accessToken: string) {
      const { sid } = decodeJwt(accessToken)
      return store.db.selectFrom('refresh_tokens').selectAll().where('family_id', '=', String(sid)).execute()
    }

    async function countLeaves(accessToken: string): Promise<number> {
      return (await tokensOf(accessToken)).filter((token) => token.consumed_at === null).length
    }

    it('one refresh token used 50 times at once gets 50 answers with one successor', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const { refreshToken, accessToken } = await signedIn(nodes[0])
      let live = refreshToken
      for (let round = 0; round < rounds; round++) {
        const answers = await atOnce((node) => refresh(node, { token: live }))
        expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
        expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(50)
        const successors = new Set(answers.map(refreshTokenOf))
        expect(successors.size).toBe(1)
        live = [...successors][0] ?? ''
        expect(await countLeaves(accessToken)).toBe(1)
      }
      expect((await userinfo(nodes[1], accessToken)).status).toBe(200)
    })

    it('so does one that is bound to a DPoP key', async () => {
      const key = await createDpopKey()
      const { refreshToken, accessToken } = await signedIn(nodes[0], { key })
      const answers = await atOnce((node) => refresh(node, { token: refreshToken, key }))
      expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
      expect(new Set(answers.map(refreshTokenOf)).size).toBe(1)
      expect(await countLeaves(accessToken)).toBe(1)
    })

    it('each of them gets an access token for the scope it asked', async () => {
      const scopes = ['openid', 'openid profile', 'openid email', 'openid profile email Shopper']
      const { refreshToken } = await signedIn(nodes[0], { overrides: { scope: 'openid profile email Shopper' } })
      const answers = await atOnce((node, index) =>
        refresh(node, { token: refreshToken, fields: { scope: scopes[index % 4] ?? '' } }),
      )
      const granted = answers.map(({ body }) => decodeJwt<{ scope?: string }>(body.access_token ?? '').scope)
      expect(granted).toEqual(granted.map((_, index) => scopes[index % 4]))
      expect(new Set(answers.map(refreshTokenOf)).size).toBe(1)
    })

    it('one code used 50 times at once buys tokens once, and they live', { timeout: TIMEOUT_MS }, async () => {
      const browser = nodes[0].browser()
      for (let round = 0; round < rounds; round++) {
        const pkce = aPkce()
        const code = await obtainCode(browser, pkce)
        const answers = await atOnce((node) => redeem(node, { code, pkce }))
        const [winner, ...others] = answers.filter(({ status }) => status === 200)
        expect(others).toEqual([])
        for (const loser of answers.filter((answer) => answer !== winner)) expect(loser).toMatchObject(invalidGrant)
        const { access_token: accessToken = '', refresh_token: token = '' } = winner?.body ?? {}
        expect(await tokensOf(accessToken)).toHaveLength(1)
        expect((await userinfo(nodes[1], accessToken)).status).toBe(200)
        expect((await refresh(nodes[1], { token })).status).toBe(200)
      }
    })

    it('a token that one process has spent is spent for the other, and for one that starts later', async () => {
      const { refreshToken } = await signedIn(nodes[0])
      const second = await refresh(nodes[1], { token: refreshToken })
      const third = await refresh(nodes[0], { token: refreshTokenOf(second) })
      const late = await startNodes([{ databaseUrl: databaseUrl() }])
      const [lateNode] = late.nodes as [ReachableApp]
      expect(refreshTokenOf(await refresh(lateNode, { token: refreshTokenOf(second) }))).toBe(refreshTokenOf(third))
      await late.kill()
    })
  })
})
