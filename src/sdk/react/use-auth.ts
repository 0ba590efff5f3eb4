import { useContext, useMemo, useSyncExternalStore } from 'react'
import type { Auth } from '../browser/auth.ts'
import { type AuthState, loadingState } from '../browser/auth-state.ts'
import { AuthContext } from './auth-context.ts'

/** Who is here, by `status`, with the functions of the client. */
export type UseAuth = AuthState & Omit<Auth, StoreFunction>

/** What the hooks call instead of a component. */
type StoreFunction = 'getState' | 'subscribe' | 'getGuestUpgrade' | 'watchGuestUpgrade'

/**
 * Reads who is here and re-renders when that changes. The functions stay the same for the client's whole life.
 *
 * @throws {Error} without an {@link AuthProvider} above.
 * @example
 * const auth = useAuth()
 * if (auth.status === 'member') return <p>Hello, {auth.user.name}</p>
 */
export function useAuth(): UseAuth {
  const auth = useContext(AuthContext)
  if (!auth) throw new Error('useAuth: there is no <AuthProvider> above this component; put one around your app.')
  const state = useSyncExternalStore(auth.subscribe, auth.getState, serverState)
  return useMemo(() => {
    const { getState: _1, subscribe: _2, getGuestUpgrade: _3, watchGuestUpgrade: _4, ...functions } = auth
    return { ...state, ...functions }
  }, [auth, state])
}

function serverState(): AuthState {
  return loadingState
}
