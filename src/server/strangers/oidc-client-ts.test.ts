import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts'
import { expect, it } from 'vitest'
import { APP_ORIGIN, aClient, REDIRECT_URI } from '../test/test-config.ts'
import { describeBothSchemes } from './test/both-schemes.ts'
import { Person } from './test/person.ts'

const HOME = `${APP_ORIGIN}/`

describeBothSchemes('oidc-client-ts', [aClient()], (portal) => {
  /** As its README shows it, but for the window: where it would navigate to is caught. */
  function aManager() {
    const visited: string[] = []
    const redirects = {
      prepare: async () => ({
        navigate: async ({ url }: { url: string }) => {
          visited.push(url)
          return { url }
        },
        close: () => {},
      }),
      callback: async () => {},
    }
    const settings = {
      authority: portal().issuer,
      client_id: 'catalog',
      redirect_uri: REDIRECT_URI,
      post_logout_redirect_uri: HOME,
      scope: 'openid profile',
      automaticSilentRenew: false,
      userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    }
    return { manager: new UserManager(settings, redirects), nextAddress: () => visited.pop() ?? '' }
  }

  it('signs in, renews silently by refresh token, revokes its tokens and signs out', async () => {
    const [{ manager, nextAddress }, person] = [aManager(), new Person()]
    await manager.signinRedirect({ state: { page: '/products/mug' } })
    const returned = await person.signIn(nextAddress(), REDIRECT_URI)
    const user = await manager.signinRedirectCallback(returned.href)
    expect(user).toMatchObject({ state: { page: '/products/mug' }, profile: { name: 'Ada Okafor' }, expired: false })

    const renewed = await manager.signinSilent()
    expect(renewed?.profile.sub).toBe(user.profile.sub)
    expect(renewed?.refresh_token).not.toBe(user.refresh_token)

    await manager.revokeTokens()
    expect(await manager.getUser()).toMatchObject({ refresh_token: null })

    await manager.signoutRedirect()
    const out = await person.signIn(nextAddress(), HOME)
    await manager.signoutRedirectCallback(out.href)
    expect(await manager.getUser()).toBeNull()
  })
})
