/** As its README shows it for silent sign-in: the page itself takes the answer in the hidden frame. */
import { UserManager } from 'oidc-client-ts'

const home = `${location.origin}/`
const manager = new UserManager({
  authority: document.documentElement.dataset.issuer ?? '',
  client_id: 'oidc',
  redirect_uri: home,
  silent_redirect_uri: `${home}silent`,
  post_logout_redirect_uri: home,
  scope: 'openid profile',
})

const main = document.body.appendChild(document.createElement('main'))

function button(name: string, press: () => Promise<unknown>): void {
  const element = main.appendChild(document.createElement('button'))
  element.textContent = name
  element.onclick = () => void press().then(show, ({ message }) => show(message))
}

async function show(problem?: unknown): Promise<void> {
  const user = await manager.getUser()
  const tokens = user?.refresh_token ? 'with a refresh token' : 'without a refresh token'
  main.replaceChildren(
    typeof problem === 'string' ? problem : user ? `Hello ${user.profile.name}, ${tokens}` : 'Nobody',
  )
  button('Ask silently', () => manager.signinSilent())
  button('Revoke', () => manager.revokeTokens())
  button('Forget', () => manager.removeUser())
}

if (location.pathname === '/silent') await manager.signinSilentCallback()
else await show()
