import { abortable } from '../wire/abortable.ts'
import { toAuthError } from '../wire/auth-error.ts'
import type { Auth, SignInOptions } from './auth.ts'
import { createClock } from './clock.ts'
import { createNonces } from './dpop/nonces.ts'
import type { BrowserEnvironment } from './environment.ts'
import { createNewGuest } from './guest/new-guest.ts'
import { createUpgradeWatch } from './guest/upgrade-watch.ts'
import { createMetadataLoader } from './issuer/metadata-loader.ts'
import type { ResolvedOptions } from './options.ts'
import { loadProtocol } from './protocol/load-protocol.ts'
import { createSession } from './session/create-session.ts'
import { openStore } from './session/open-store.ts'
import type { MemberRecord } from './session/session-record.ts'
import { joinTabs } from './session/tabs.ts'
import { readArrival } from './sign-in/arrival.ts'
import type { AttemptData } from './sign-in/attempt-data.ts'
import { openAttempts } from './sign-in/attempts.ts'
import { handleArrival } from './sign-in/handle-arrival.ts'
import { createSignIn } from './sign-in/sign-in.ts'
import { openSignOutPhase } from './sign-out/phase.ts'
import { createSignOut, readSignOutReturn } from './sign-out/sign-out.ts'
import { openAsked } from './silent/asked.ts'
import { createStateStore } from './state-store.ts'

/** Starts a client on a page: reads how the page was reached, then publishes who is here. */
export function startAuth(options: ResolvedOptions, env: BrowserEnvironment): Auth {
  const clientKey = `${options.clientId}@${options.issuer}`
  const prefix = `portico:${clientKey}:`
  const { clientId, issuer } = options
  const { fetch, page, storage, tabStorage, underWay } = env

  const state = createStateStore()
  const clock = createClock()
  const nonces = createNonces()
  const tabs = joinTabs(env.openChannel(prefix))
  const attempts = openAttempts(storage, prefix)
  const phase = openSignOutPhase(storage, prefix)
  const asked = openAsked(storage, tabStorage, prefix)
  const loadMetadata = createMetadataLoader(issuer, { fetch })
  const opened = openStore(options, clientKey, env)
  const tokenDeps = { fetch, clientId, loadMetadata, clock, nonces }

  // Before anything waits: an answer must leave the address bar at once.
  if (readSignOutReturn(options, page)) phase.end()
  const arrival = readArrival({ options, page, tabStorage, attempts, prefix })

  const authorizedFetch: typeof fetch = async (input, init) => {
    const { createAuthorizedFetch } = await loadProtocol()
    return createAuthorizedFetch({ ...requestDeps, session: { accessToken, refuse: session.refuse } })(input, init)
  }
  const upgrade = createUpgradeWatch({ session: () => session, env, issuer, prefix, fetch: authorizedFetch })
  const onShown = upgrade.look
  const revive = async (lost: MemberRecord) => {
    if (options.silentSignIn !== 'off') await (await loadProtocol()).revive(lost, signInDeps)
  }
  const session = createSession({ ...tokenDeps, options, env, state, tabs, opened, prefix, asked, onShown, revive })
  const signInDeps = { ...tokenDeps, options, page, attempts, opened, wait, env, session, prefix }
  const signIn = createSignIn({ ...signInDeps, phase })
  const signInAgain = (data: AttemptData) => signIn(data.isSilent ? { prompt: 'none' } : {}, data)
  const arrivalDeps = { ...signInDeps, signInAgain, tabStorage, underWay, asked }
  const ready = handleArrival(arrival, arrivalDeps).catch((error: unknown) => {
    state.setIdentity({ status: 'error', error: toAuthError(error) })
  })

  // A page that stays open for days must not depend on a chunk that a deploy may have removed by then.
  void ready.then(async () => {
    if (session.record) await loadProtocol().catch(() => undefined)
  })

  const requestDeps = { clock, nonces, fetch, loadKey: session.key }
  const accessToken = async () => {
    await ready
    return session.accessToken()
  }
  return Object.freeze({
    getState: state.getState,
    subscribe: state.subscribe,
    signIn: (given?: SignInOptions) => signIn(given),
    async signInWithPassword(typed, limits = {}) {
      const { signInWithPassword } = await loadProtocol()
      return signInWithPassword(typed, limits, { ...signInDeps, phase, ready })
    },
    signOut: createSignOut({ ...tokenDeps, options, page, session, phase }),
    getAccessToken: async ({ signal } = {}) => (await abortable(accessToken(), signal)).value,
    fetch: authorizedFetch,
    async headers({ method, url }) {
      const [token, { authorizationHeaders }] = await Promise.all([accessToken(), loadProtocol()])
      return authorizationHeaders(token, { method: method.toUpperCase(), url: new URL(url, page.address) }, requestDeps)
    },
    async switchCompany(company) {
      await ready
      await session.switchCompany(company)
    },
    hasRole(role) {
      const now = state.getState()
      return now.status === 'member' && now.roles.includes(role)
    },
    newGuest: createNewGuest({ ...tokenDeps, options, session, ready }),
    getGuestUpgrade: upgrade.getStatus,
    watchGuestUpgrade: upgrade.subscribe,
  } satisfies Auth)
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
