import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { expect } from 'vitest'
import { createAudit } from '../../audit/audit.ts'
import { sweepExpired } from '../../store/sweep.ts'
import {
  aPkce,
  obtainCode,
  obtainGuestCode,
  postToEndpoint,
  redeem,
  refresh,
  startGuest,
  type TokenResponse,
} from '../../test/flows.ts'
import { ISSUER } from '../../test/test-config.ts'
import { withdrawClientConsent } from '../../users/withdraw-consent.ts'
import {
  ABSOLUTE_TTL,
  applyRefresh,
  applySweep,
  expectedRedemption,
  expectedRefresh,
  IDLE_TTL,
  isLive,
  type Model,
  type ModelCode,
  type ModelLogin,
  spend,
} from './family-model.ts'
import type { FamilyWorld } from './family-world.ts'

type Command = fc.AsyncCommand<Model, FamilyWorld>

const CODE_TTL_MS = 60_000
const DAY = 86_400

/** A command is a line of text and what it does: `check` asks the model whether there is anything to do it to. */
function command(
  text: string,
  run: (model: Model, world: FamilyWorld) => Promise<void>,
  check: (model: Model) => boolean = () => true,
): Command {
  const runAndCheck = async (model: Model, world: FamilyWorld) => {
    await run(model, world)
    await world.checkInvariants(model)
  }
  return { check, run: runAndCheck, toString: () => text }
}

const node = fc.nat(1)
const browser = fc.nat(1)
/** Which of those there are, counted from the newest. */
const back = fc.nat(3)
const scope = fc.constantFrom('openid profile', 'openid profile email', 'openid email Shopper')

/** From the newest, so that a shrunken run still means the same ones. */
function pick<Item>(items: Item[], position: number): Item | undefined {
  return items.at(-1 - (position % Math.max(items.length, 1)))
}

interface SignIn {
  browser: number
  node: number
  scope: string
  isBound: boolean
}

function signInCommand({ browser, node, scope, isBound }: SignIn): Command {
  return command(
    `sign in (browser ${browser}, node ${node}, ${scope}${isBound ? ', bound' : ''})`,
    async (model, world) => {
      const pkce = aPkce()
      const code = await obtainCode(world.browser(browser, node), pkce, { overrides: { scope } })
      addCode(model, world, { value: code, pkce, scope, browser, key: world.key(isBound) })
    },
  )
}

const signIn = fc.record({ browser, node, scope, isBound: fc.boolean() }).map(signInCommand)

function addCode(
  model: Model,
  world: FamilyWorld,
  code: Pick<ModelCode, 'value' | 'pkce' | 'key' | 'browser'> & { scope: string; guest?: ModelCode['guest'] },
): void {
  model.sessions[code.browser] ||= ++model.lastSession
  const scopes = code.scope.split(' ')
  for (const value of scopes) model.consent.add(value)
  const expiresAt = world.now() + CODE_TTL_MS
  const session = model.sessions[code.browser] ?? 0
  model.codes.push({ guest: undefined, ...code, scope: scopes, session, expiresAt, keptUntil: expiresAt })
}

interface Redemption {
  back: number
  node: number
  isRightful: boolean
}

function redeemCommand({ back, node, isRightful }: Redemption): Command {
  return command(
    `redeem code ${back} (node ${node}${isRightful ? '' : ', wrong verifier'})`,
    async (model, world) => {
      const code = pick(model.codes, back) as ModelCode
      const buys = expectedRedemption(model, code, isRightful, world.now())
      const pkce = isRightful ? code.pkce : aPkce()
      const answer = await redeem(world.node(node).app, { code: code.value, pkce, key: code.key })
      expectAnswer(answer, buys)
      if (buys) startLogin(model, world, code, answer)
    },
    ({ codes }) => codes.length > 0,
  )
}

const isRightful = fc.constantFrom(true, true, true, false)
const redeemCode = fc.record({ back, node, isRightful }).map(redeemCommand)

function expectAnswer({ status, body }: TokenResponse, isGood: boolean): void {
  if (isGood) expect({ status, body }).toMatchObject({ status: 200 })
  else expect({ status, body }).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
}

function startLogin(model: Model, world: FamilyWorld, code: ModelCode, { body }: TokenResponse): void {
  const now = world.now()
  const { sub, aud, client_id, sid, session_id, guest } = decodeJwt(body.access_token ?? '')
  expect(guest, 'a member is no guest').toBeUndefined()
  if (code.guest) becomeMember(code.guest, { sub, session_id, outcome: body.guest_upgrade })
  const login: ModelLogin = {
    name: `login ${model.logins.length}`,
    claims: { sub, aud, client_id, sid: String(sid), session_id },
    scope: code.scope,
    key: code.key,
    idToken: body.id_token ?? '',
    browser: code.browser,
    session: code.session,
    tokens: [{ value: body.refresh_token, idleEnd: now + IDLE_TTL * 1000 }],
    absoluteEnd: now + ABSOLUTE_TTL * 1000,
    isOver: false,
  }
  model.logins.push(login)
  spend(code, now)
  code.login = login
}

function becomeMember(
  guest: NonNullable<ModelCode['guest']>,
  member: { sub: unknown; session_id: unknown; outcome: unknown },
): void {
  expect(member.sub, 'a guest never becomes a member in place').not.toBe(guest.sub)
  expect(member.outcome).toBe(guest.isMember ? 'none' : 'pending')
  expect(member.session_id === guest.sessionId, 'a guest is one member only').toBe(!guest.isMember)
  guest.isMember = true
}

interface RefreshParts {
  login: ModelLogin
  position: number
  token: string
}

/** A token somebody still has: the newest known one, or an older one. */
function tokenOf(model: Model, { login: which, age }: { login: number; age: number }): RefreshParts | undefined {
  const login = pick(model.logins, which)
  const known = (login?.tokens ?? []).flatMap(({ value }, position) =>
    value === undefined ? [] : [{ value, position }],
  )
  const found = known.at(-1 - (age % Math.max(known.length, 1)))
  return login && found && { login, position: found.position, token: found.value }
}

const which = fc.record({ login: back, age: fc.constantFrom(0, 0, 0, 1, 1, 2) })

function describeToken({ login, age }: { login: number; age: number }): string {
  return `login ${login} from the end, token ${age} from the end`
}

const refreshOnce = fc.record({ which, node, part: fc.option(fc.nat(2), { freq: 3 }) }).map(({ which, node, part }) =>
  command(
    `refresh (${describeToken(which)}, node ${node}${part === null ? '' : ', part of the scope'})`,
    async (model, world) => {
      const { login, position, token } = tokenOf(model, which) as RefreshParts
      const { kind } = expectedRefresh(login, position, world.now())
      const asked = part === null ? login.scope : login.scope.slice(0, part + 1)
      const fields: Record<string, string> = part === null ? {} : { scope: asked.join(' ') }
      const answer = await refresh(world.node(node).app, { token, key: login.key, fields })
      expectAnswer(answer, kind === 'rotates' || kind === 'repeats')
      expectRefreshed(login, position, answer, asked)
      applyRefresh(login, position, world.now(), answer.body.refresh_token)
    },
    (model) => tokenOf(model, which) !== undefined,
  ),
)

/** The same person, audience, client and login as ever, what was asked for, and the one successor. */
function expectRefreshed(login: ModelLogin, position: number, { status, body }: TokenResponse, asked: string[]): void {
  if (status !== 200) return
  const { scope, ...claims } = decodeJwt<{ scope: string }>(body.access_token ?? '')
  expect(claims).toMatchObject(login.claims)
  expect(scope.split(' ').toSorted()).toEqual(asked.toSorted())
  const known = login.tokens[position + 1]?.value
  if (known !== undefined) expect(body.refresh_token, 'the same successor again').toBe(known)
}

const refreshTooMuch = fc.record({ which, node }).map(({ which, node }) =>
  command(
    `ask for more than was granted (${describeToken(which)}, node ${node})`,
    async (model, world) => {
      const { login, position, token } = tokenOf(model, which) as RefreshParts
      const { kind } = expectedRefresh(login, position, world.now())
      // Ada could have it: it wasn't asked for when she signed in.
      const more = ['email', 'Shopper', 'profile'].find((value) => !login.scope.includes(value))
      const fields = { scope: [...login.scope, more].join(' ') }
      const answer = await refresh(world.node(node).app, { token, key: login.key, fields })
      expect(answer.status).toBe(400)
      const isFound = kind !== 'refused' && answer.body.error === 'invalid_grant'
      if (isFound) login.isOver = true
    },
    (model) => tokenOf(model, which) !== undefined,
  ),
)

const refreshTogether = fc.record({ which }).map(({ which }) =>
  command(
    `refresh four times at once (${describeToken(which)})`,
    async (model, world) => {
      const { login, position, token } = tokenOf(model, which) as RefreshParts
      const { kind } = expectedRefresh(login, position, world.now())
      const send = (number: number) => refresh(world.node(number % 2).app, { token, key: login.key })
      const answers = await Promise.all([0, 1, 2, 3].map(send))
      for (const answer of answers) {
        expectAnswer(answer, kind === 'rotates' || kind === 'repeats')
        expectRefreshed(login, position, answer, login.scope)
      }
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
      applyRefresh(login, position, world.now(), answers[0]?.body.refresh_token)
    },
    (model) => tokenOf(model, which) !== undefined,
  ),
)

/** The node fails around the commit: nobody hears the answer. */
const refreshAndFail = fc.record({ which, node, isKept: fc.boolean() }).map(({ which, node, isKept }) =>
  command(
    `refresh (${describeToken(which)}, node ${node}), which fails ${isKept ? 'after' : 'before'} the commit`,
    async (model, world) => {
      const { login, position, token } = tokenOf(model, which) as RefreshParts
      const { store, app } = world.node(node)
      if (isKept) store.failAfterNextCommit()
      else store.failBeforeNextCommit()
      expect((await refresh(app, { token, key: login.key })).status).toBe(500)
      if (isKept) applyRefresh(login, position, world.now(), undefined)
      await world.restart(node)
    },
    (model) => reachesTransaction(tokenOf(model, which)),
  ),
)

/** Whether a refresh gets as far as its transaction, whatever happens there. */
function reachesTransaction(parts: RefreshParts | undefined): boolean {
  if (!parts) return false
  const { login, position } = parts
  const now = Date.now()
  const token = login.tokens[position]
  const { kind } = expectedRefresh(login, position, now)
  const isTooLate = login.absoluteEnd <= now || (token?.spentAt === undefined && (token?.idleEnd ?? 0) <= now)
  return kind !== 'refused' && !isTooLate
}

const revoke = fc.record({ which, node, isRacing: fc.boolean() }).map(({ which, node, isRacing }) =>
  command(
    `revoke (${describeToken(which)}, node ${node})${isRacing ? ' while it is refreshed' : ''}`,
    async (model, world) => {
      const { login, position, token } = tokenOf(model, which) as RefreshParts
      const isKnown = login.tokens[position]?.isSwept !== true
      const revocation = postToEndpoint(world.node(node).app, 'revoke', { token, client_id: 'catalog' })
      const racing = isRacing && isKnown ? refresh(world.node(1 - node).app, { token, key: login.key }) : undefined
      expect((await revocation).status).toBe(200)
      const answer = await racing
      if (answer?.status === 200) applyRefresh(login, position, world.now(), answer.body.refresh_token)
      if (isKnown) login.isOver = true
    },
    (model) => tokenOf(model, which) !== undefined,
  ),
)

const signOut = fc.record({ browser, node }).map(({ browser, node }) =>
  command(
    `sign out (browser ${browser}, node ${node})`,
    async (model, world) => {
      const session = model.sessions[browser]
      const hint = model.logins.findLast((login) => login.browser === browser)?.idToken ?? ''
      await world.browser(browser, node).open(`${ISSUER}/logout?id_token_hint=${hint}`)
      for (const login of model.logins) login.isOver ||= login.browser === browser && login.session === session
      model.sessions[browser] = 0
    },
    ({ sessions, logins }) => sessions[browser] !== 0 && logins.some((login) => login.browser === browser),
  ),
)

const withdraw = fc.record({ node }).map(({ node }) =>
  command(
    `withdraw the consent (node ${node})`,
    async (model, world) => {
      const { store } = world.node(node)
      const userId = String(model.logins[0]?.claims.sub)
      const operations = { store, audit: createAudit(store, { info: () => {} }) }
      await withdrawClientConsent(operations, { tenant: 'demo', userId, clientId: 'catalog' }, world.now())
      model.consent.clear()
      for (const login of model.logins) login.isOver = true
    },
    ({ logins }) => logins.length > 0,
  ),
)

const guestArrives = node.map((node) =>
  command(`a guest arrives (node ${node})`, async (model, world) => {
    const { accessToken, refreshToken, sessionId } = await startGuest(world.node(node).app)
    const { sub, guest } = decodeJwt(accessToken)
    expect(guest).toBe(true)
    model.guests.push({ token: refreshToken, sub, sessionId, isMember: false })
  }),
)

const guestRefreshes = fc.record({ back, node }).map(({ back, node }) =>
  command(
    `guest ${back} refreshes (node ${node})`,
    async (model, world) => {
      const guest = pick(model.guests, back) as Model['guests'][number]
      const answer = await refresh(world.node(node).app, { token: guest.token })
      expectAnswer(answer, !guest.isMember)
      if (guest.isMember) return
      const { sub, session_id, guest: isGuest } = decodeJwt(answer.body.access_token ?? '')
      expect({ sub, session_id, isGuest }).toEqual({ sub: guest.sub, session_id: guest.sessionId, isGuest: true })
      guest.token = String(answer.body.refresh_token)
    },
    ({ guests }) => guests.length > 0,
  ),
)

const guestSignsIn = fc.record({ back, browser, node }).map(({ back, browser, node }) =>
  command(
    `guest ${back} signs in (browser ${browser}, node ${node})`,
    async (model, world) => {
      const guest = pick(model.guests, back) as Model['guests'][number]
      const options = { browser: world.browser(browser, node) }
      const { code, pkce } = await obtainGuestCode(world.node(node).app, guest.token, options)
      addCode(model, world, { value: code, pkce, scope: 'openid profile', browser, key: undefined, guest })
    },
    ({ guests }) => guests.length > 0,
  ),
)

const restart = node.map((node) => command(`restart node ${node}`, (_model, world) => world.restart(node)))

const sweep = node.map((node) =>
  command(`sweep (node ${node})`, async (model, world) => {
    await sweepExpired(world.node(node).app.store, world.now())
    applySweep(model, world.now())
  }),
)

/** Portal sessions last 14 days from when they were last seen: the clock stays within those. */
const jump = fc.constantFrom(1, 20, 29, 31, 61, 600, 3600, DAY, 3 * DAY, -20, -59, -61, -300, -DAY).map((seconds) =>
  command(
    `the clock jumps by ${seconds} s`,
    async (_model, world) => world.jump(seconds),
    ({ startedAt }) => {
      const days = (Date.now() + seconds * 1000 - startedAt) / (DAY * 1000)
      return days > -5 && days < 8
    },
  ),
)

/** At the end everybody who was promised a session still has it, at both nodes. */
export async function checkPromises(model: Model, world: FamilyWorld): Promise<void> {
  for (const login of model.logins.filter((one) => isLive(one, world.now()))) {
    for (const number of [0, 1]) {
      const position = login.tokens.findLastIndex(({ value }) => value !== undefined)
      const token = login.tokens[position]?.value ?? ''
      const { kind } = expectedRefresh(login, position, world.now())
      const answer = await refresh(world.node(number).app, { token, key: login.key })
      expectAnswer(answer, kind === 'rotates' || kind === 'repeats')
      applyRefresh(login, position, world.now(), answer.body.refresh_token)
    }
  }
  await world.checkInvariants(model)
}

/** How every history begins. */
export const firstSteps = fc
  .record({ scope, isBound: fc.boolean() })
  .map((start) => [
    signInCommand({ browser: 0, node: 0, ...start }),
    redeemCommand({ back: 0, node: 1, isRightful: true }),
  ])

const often = [refreshOnce, refreshOnce, refreshOnce, refreshOnce, refreshOnce, refreshOnce, jump, jump, jump]
const sometimes = [signIn, redeemCode, redeemCode, refreshTogether, refreshAndFail, refreshAndFail, revoke, signOut]
const seldom = [refreshTooMuch, withdraw, restart, sweep, guestArrives, guestRefreshes, guestSignsIn]

export const familyCommands: fc.Arbitrary<Command>[] = [...often, ...sometimes, ...seldom]
