import { useContext, useSyncExternalStore } from 'react'
import type { GuestUpgrade } from '../browser/auth-state.ts'
import { AuthContext } from './auth-context.ts'

/**
 * Reads how far the news has got that the guest of before is now this member, and re-renders when that changes.
 *
 * While it is `pending` your API does not know yet whose cart it keeps: say so instead of showing an empty one. The issuer
 * is asked only then, at growing intervals, and it is remembered across reloads and tabs.
 *
 * @throws {Error} without an {@link AuthProvider} above.
 * @example
 * const upgrade = useGuestUpgrade()
 * if (upgrade === 'pending') return <p role="status">Moving your cart…</p>
 */
export function useGuestUpgrade(): GuestUpgrade {
  const auth = useContext(AuthContext)
  if (!auth)
    throw new Error('useGuestUpgrade: there is no <AuthProvider> above this component; put one around your app.')
  return useSyncExternalStore(auth.watchGuestUpgrade, auth.getGuestUpgrade, serverStatus)
}

function serverStatus(): GuestUpgrade {
  return 'none'
}
