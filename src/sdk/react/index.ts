export { AuthProvider, type AuthProviderProps } from './auth-provider.tsx'
export { type UseAuth, useAuth } from './use-auth.ts'
export { useGuestUpgrade } from './use-guest-upgrade.ts'
