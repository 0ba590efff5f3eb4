import { isAuthError, type SignOutScope } from '@portico/sdk'
import { useAuth } from '@portico/sdk/react'
import { useState } from 'react'

/** Signing in and out as buttons need it: what is under way, and in words what went wrong. */
export function useSignInAndOut() {
  const { signIn, signOut } = useAuth()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()

  const run = async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
    } catch (error) {
      setProblem(isAuthError(error) ? error.message : 'Something went wrong.')
    } finally {
      setBusy(false)
    }
  }
  return {
    isBusy,
    problem,
    signIn: () => run(signIn),
    signOut: (scope: SignOutScope = 'browser') => run(() => signOut({ scope })),
  }
}
