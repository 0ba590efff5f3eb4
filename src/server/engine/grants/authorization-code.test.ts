import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { sweepExpired } from '../../store/sweep.ts'
import { describeStores } from '../../store/test/open-test-stores.ts'
import { createDpopKey } from '../../test/dpop-key.ts'
import {
  aPkce,
  basicAuth,
  obtainCode,
  postToEndpoint,
  redeem,
  refresh,
  signedIn,
  type TokenResponse,
} from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { REDIRECT_URI } from '../../test/test-config.ts'
import { type UnreliableStore, unreliable } from '../../test/unreliable-store.ts'
import { userinfo } from '../../test/userinfo.ts'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

async function aCode(app: TestApp, overrides: Record<string, string | null> = {}) {
  const pkce = aPkce()
  return { pkce, code: await obtainCode(app.browser(), pkce, { overrides }) }
}

interface Tokens {
  accessToken: string
  refreshToken: string
}

function tokensOf({ body }: TokenResponse): Tokens {
  return { accessToken: body.access_token ?? '', refreshToken: body.refresh_token ?? '' }
}

async function expectAlive(app: TestApp, { accessToken, refreshToken }: Tokens): Promise<void> {
  expect((await userinfo(app, accessToken)).status).toBe(200)
  expect((await refresh(app, { token: refreshToken })).status).toBe(200)
}

async function expectEnded(app: TestApp, { accessToken, refreshToken }: Tokens): Promise<void> {
  expect((await userinfo(app, accessToken)).status).toBe(401)
  expect(await refresh(app, { token: refreshToken })).toMatchObject(invalidGrant)
}

describe('a code is bound', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  it('to its client (RFC 6749 section 4.1.3), whose it stays when another one tries it', async () => {
    const { code, pkce } = await aCode(app)
    const form = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier, redirect_uri: REDIRECT_URI }
    expect(await postToEndpoint(app, 'token', form, { headers: basicAuth() })).toMatchObject(invalidGrant)
    expect((await redeem(app, { code, pkce })).status).toBe(200)
  })

  it('to its redirect address (RFC 6749 section 4.1.3), and spent by a try with another', async () => {
    const { code, pkce } = await aCode(app)
    expect(await redeem(app, { code, pkce, fields: { redirect_uri: `${REDIRECT_URI}/` } })).toMatchObject(invalidGrant)
    expect(await redeem(app, { code, pkce })).toMatchObject(invalidGrant)
  })

  it('to its redirect address, which has to be repeated', async () => {
    const { code, pkce } = await aCode(app)
    const answer = await redeem(app, { code, pkce, fields: { redirect_uri: '' } })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  it('to the DPoP key the request named (RFC 9449 section 10)', async () => {
    const key = await createDpopKey()
    const stranger = await createDpopKey()
    for (const wrong of [undefined, stranger]) {
      const { code, pkce } = await aCode(app, { dpop_jkt: key.thumbprint })
      expect(await redeem(app, { code, pkce, key: wrong })).toMatchObject(invalidGrant)
      expect(await redeem(app, { code, pkce, key })).toMatchObject(invalidGrant)
    }
    const { code, pkce } = await aCode(app, { dpop_jkt: key.thumbprint })
    expect(await redeem(app, { code, pkce, key })).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
  })

  it('to the session it was made in: signing out at once ends it too', async () => {
    const { browser, idToken } = await signedIn(app)
    const pkce = aPkce()
    const code = await obtainCode(browser, pkce)
    await browser.open(`/demo/logout?id_token_hint=${idToken}`)
    expect(await redeem(app, { code, pkce })).toMatchObject(invalidGrant)
  })

  it('to a person who may still sign in when it is redeemed', async () => {
    const { code, pkce } = await aCode(app)
    const setDisabled = (disabled_at: number | null) =>
      app.store.db.updateTable('users').set({ disabled_at }).where('username', '=', 'ada').execute()
    await setDisabled(Date.now())
    const answer = await redeem(app, { code, pkce })
    await setDisabled(null)
    expect(answer).toMatchObject(invalidGrant)
  })

  it('to nothing when it is made up', async () => {
    expect(await redeem(app, { code: 'made-up', pkce: aPkce() })).toMatchObject(invalidGrant)
  })
})

describe('in time', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => vi.useRealTimers())

  it('a code lives for a minute', async () => {
    const inTime = await aCode(app)
    const late = await aCode(app)
    advance(58)
    expect((await redeem(app, inTime)).status).toBe(200)
    advance(4)
    expect(await redeem(app, late)).toMatchObject(invalidGrant)
  })

  it('a replay within half a minute by the same client, verifier and key is refused and nothing else happens', async () => {
    const key = await createDpopKey()
    const { code, pkce } = await aCode(app)
    const bearer = tokensOf(await redeem(app, { code, pkce }))
    const named = await signedIn(app, { key, overrides: { dpop_jkt: key.thumbprint } })
    const unnamed = await signedIn(app, { key })
    advance(28)
    expect(await redeem(app, { code, pkce })).toMatchObject(invalidGrant)
    await expectAlive(app, bearer)
    for (const bound of [named, unnamed]) {
      expect(await redeem(app, { code: bound.code, pkce: bound.pkce, key })).toMatchObject(invalidGrant)
      expect((await refresh(app, { token: bound.refreshToken, key })).status).toBe(200)
    }
  })

  it.each([
    ['half a minute', 32],
    ["the code's own end", 600],
    ['the sweep', 3600],
  ])('a replay after %s ends every token of the first use (RFC 6749 section 4.1.2)', async (_moment, seconds) => {
    const { code, pkce } = await aCode(app)
    const first = tokensOf(await redeem(app, { code, pkce }))
    advance(seconds)
    await sweepExpired(app.store, Date.now())
    const renewed = tokensOf(await refresh(app, { token: first.refreshToken }))
    await expectAlive(app, renewed)
    expect(await redeem(app, { code, pkce })).toMatchObject(invalidGrant)
    expect((await userinfo(app, renewed.accessToken)).status).toBe(401)
    expect(await refresh(app, { token: renewed.refreshToken })).toMatchObject(invalidGrant)
  })

  it("a replay ends that login only: the same person's others go on", async () => {
    const { browser, code, pkce, ...replayed } = await signedIn(app)
    const sameBrowser = await signedIn(app, { browser })
    const otherDevice = await signedIn(app)
    advance(60)
    await redeem(app, { code, pkce })
    await expectEnded(app, replayed)
    await expectAlive(app, sameBrowser)
    await expectAlive(app, otherDevice)
  })

  it('a replay is audited', async () => {
    const { code, pkce } = await signedIn(app)
    advance(60)
    await redeem(app, { code, pkce })
    const entries = await app.store.db.selectFrom('audit').selectAll().where('event', '=', 'code.replayed').execute()
    expect(entries.at(-1)).toMatchObject({
      tenant: 'demo',
      client_id: 'catalog',
      user_id: expect.any(String),
      at: Date.now(),
    })
    expect(JSON.stringify(entries)).not.toContain(code)
  })

  function advance(seconds: number): void {
    vi.setSystemTime(Date.now() + seconds * 1000)
  }
})

describe('a replay at once by somebody else ends every token of the first use (RFC 6749 section 4.1.2)', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.close())

  it('with another verifier', async () => {
    const login = await signedIn(app)
    expect(await redeem(app, { code: login.code, pkce: aPkce() })).toMatchObject(invalidGrant)
    await expectEnded(app, login)
  })

  it('by another client', async () => {
    const login = await signedIn(app)
    const form = { grant_type: 'authorization_code', code: login.code, redirect_uri: REDIRECT_URI }
    const stolen = { ...form, code_verifier: login.pkce.verifier }
    expect(await postToEndpoint(app, 'token', stolen, { headers: basicAuth() })).toMatchObject(invalidGrant)
    await expectEnded(app, login)
  })

  it('with another DPoP key', async () => {
    const key = await createDpopKey()
    const login = await signedIn(app, { key, overrides: { dpop_jkt: key.thumbprint } })
    const other = await createDpopKey()
    expect(await redeem(app, { code: login.code, pkce: login.pkce, key: other })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: login.refreshToken, key })).toMatchObject(invalidGrant)
  })

  it('with another DPoP key than the first use bound the tokens to', async () => {
    const key = await createDpopKey()
    const login = await signedIn(app, { key })
    const other = await createDpopKey()
    expect(await redeem(app, { code: login.code, pkce: login.pkce, key: other })).toMatchObject(invalidGrant)
    expect(await refresh(app, { token: login.refreshToken, key })).toMatchObject(invalidGrant)
  })

  it('with a DPoP key where the first use had none', async () => {
    const login = await signedIn(app)
    const key = await createDpopKey()
    expect(await redeem(app, { code: login.code, pkce: login.pkce, key })).toMatchObject(invalidGrant)
    await expectEnded(app, login)
  })

  it('in the same instant, with another verifier', async () => {
    for (let round = 0; round < 20; round++) {
      const { code, pkce } = await aCode(app)
      const stolen = sleep(round).then(() => redeem(app, { code, pkce: aPkce() }))
      const [rightful] = await Promise.all([redeem(app, { code, pkce }), stolen])
      if (rightful.status === 200) await expectEnded(app, tokensOf(rightful))
      else expect(rightful).toMatchObject(invalidGrant)
    }
  })
})

describe('of simultaneous redemptions', () => {
  describeStores((openTestStore) => {
    let nodes: TestApp[]
    beforeAll(async () => {
      nodes = [
        await startTestApp({ store: await openTestStore() }),
        await startTestApp({ store: await openTestStore() }),
      ]
    })
    afterAll(() => Promise.all(nodes.map((node) => node.close())))

    it('of one code on two nodes exactly one of 50 succeeds, and its tokens live', async () => {
      const [first, second] = nodes as [TestApp, TestApp]
      const { code, pkce } = await aCode(first)
      const tries = Array.from({ length: 50 }, (_, index) => redeem(index % 2 ? first : second, { code, pkce }))
      const answers = await Promise.all(tries)
      const won = answers.filter(({ status }) => status === 200)
      expect(won).toHaveLength(1)
      for (const lost of answers.filter(({ status }) => status !== 200)) expect(lost).toMatchObject(invalidGrant)
      const [winner] = won as [TokenResponse]
      await expectAlive(second, tokensOf(winner))
    })
  })
})

describe('when the machine fails', () => {
  describeStores((openTestStore) => {
    let app: TestApp
    let store: UnreliableStore
    beforeAll(async () => {
      store = unreliable(await openTestStore())
      app = await startTestApp({ store })
    })
    afterAll(() => app.close())

    it('before the commit, nothing was spent and the same code buys tokens', async () => {
      const { code, pkce } = await aCode(app)
      store.failBeforeNextCommit()
      expect((await redeem(app, { code, pkce })).status).toBe(500)
      const answer = await redeem(app, { code, pkce })
      expect(answer.status).toBe(200)
      await expectAlive(app, tokensOf(answer))
    })

    it('after the commit, the code is spent and no second family starts', async () => {
      const { code, pkce } = await aCode(app)
      const before = await countFamilies(app)
      store.failAfterNextCommit()
      expect((await redeem(app, { code, pkce })).status).toBe(500)
      expect(await redeem(app, { code, pkce })).toMatchObject(invalidGrant)
      expect(await countFamilies(app)).toBe(before + 1)
    })
  })
})

async function countFamilies(app: TestApp): Promise<number> {
  return (await app.store.db.selectFrom('families').select('id').execute()).length
}
