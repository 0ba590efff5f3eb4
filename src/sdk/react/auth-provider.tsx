import { type ReactNode, useState } from 'react'
import type { Auth } from '../browser/auth.ts'
import { createAuth } from '../browser/create-auth.ts'
import type { AuthOptions } from '../browser/options.ts'
import { AuthContext } from './auth-context.ts'

/** Properties of {@link AuthProvider}: a client made with `createAuth`, or the options to make one with. */
export type AuthProviderProps = { children?: ReactNode } & (
  | { auth: Auth; options?: never }
  | { options: AuthOptions; auth?: never }
)

/**
 * Gives the components below it a sign-in client.
 *
 * @example
 * <AuthProvider options={{ issuer, clientId: 'catalog', redirectUri: `${location.origin}/callback` }}>
 *   <App />
 * </AuthProvider>
 */
export function AuthProvider({ auth, options, children }: AuthProviderProps) {
  const [made] = useState(() => (options ? clientFor(options) : undefined))
  return <AuthContext.Provider value={auth ?? made}>{children}</AuthContext.Provider>
}

const clients = new Map<string, Auth>()

/** One client per page and options: StrictMode and remounting must not make a second one. */
function clientFor(options: AuthOptions): Auth {
  // A server answers many people: what it makes is for one request.
  if (typeof window === 'undefined') return createAuth(options)
  const key = JSON.stringify(options)
  const client = clients.get(key) ?? createAuth(options)
  clients.set(key, client)
  return client
}
