/** As its README shows it. */
import { createRoot } from 'react-dom/client'
import { AuthProvider, useAuth } from 'react-oidc-context'

const settings = {
  authority: document.documentElement.dataset.issuer ?? '',
  client_id: 'react',
  redirect_uri: `${location.origin}/`,
  post_logout_redirect_uri: `${location.origin}/`,
  onSigninCallback: () => history.replaceState({}, '', location.pathname),
}

function App() {
  const auth = useAuth()
  if (auth.isLoading) return <p>Loading…</p>
  if (auth.error) return <p role="alert">{auth.error.message}</p>
  if (!auth.isAuthenticated) {
    return (
      <button type="button" onClick={() => void auth.signinRedirect()}>
        Log in
      </button>
    )
  }
  return (
    <>
      <p>Hello {auth.user?.profile.sub}</p>
      <button type="button" onClick={() => void auth.signinSilent()}>
        Renew
      </button>
      <p>Ends {auth.user?.expires_at}</p>
      <p>Refresh token {auth.user?.refresh_token}</p>
      <button type="button" onClick={() => void auth.signoutRedirect()}>
        Log out
      </button>
    </>
  )
}

const root = document.body.appendChild(document.createElement('main'))
createRoot(root).render(
  <AuthProvider {...settings}>
    <App />
  </AuthProvider>,
)
