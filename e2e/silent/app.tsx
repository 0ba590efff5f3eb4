/** An app of the SDK in StrictMode that says who is here and why. */
import { AuthProvider, useAuth } from '@portico/sdk/react'
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'

const { issuer = '', client: clientId = '', silent } = document.documentElement.dataset
const silentSignIn = silent === 'frame' || silent === 'redirect' ? silent : 'off'
const options = { issuer, clientId, redirectUri: `${location.origin}/callback`, silentSignIn } as const

function App() {
  const auth = useAuth()
  const [problem, setProblem] = useState('')
  const why = 'reason' in auth && auth.reason ? `, ${auth.reason}` : ''
  return (
    <main>
      <h1>
        {auth.status}
        {why}
      </h1>
      {auth.status === 'member' && <p>{auth.user.name}</p>}
      {problem && <p role="alert">{problem}</p>}
      <button type="button" onClick={() => void auth.signIn()}>
        Sign in
      </button>
      <button
        type="button"
        onClick={() => void auth.signIn({ prompt: 'none' }).catch(({ code }) => setProblem(String(code)))}
      >
        Sign in silently
      </button>
    </main>
  )
}

createRoot(document.body.appendChild(document.createElement('div'))).render(
  <StrictMode>
    <AuthProvider options={options}>
      <App />
    </AuthProvider>
  </StrictMode>,
)
