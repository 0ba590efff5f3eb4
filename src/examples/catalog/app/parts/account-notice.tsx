import { useAuth } from '@portico/sdk/react'
import type { ReactNode } from 'react'
import { Notice } from './notice.tsx'
import { useSignInAndOut } from './use-sign-in-and-out.ts'

/** What there is to say about signing in, besides the name in the header. */
export function AccountNotice() {
  const auth = useAuth()
  if (auth.status === 'unknown') {
    return <SignInNotice action="Try again">{unknownReasons[auth.reason]}</SignInNotice>
  }
  if (auth.status === 'error') {
    return <SignInNotice action="Try again">Signing in did not work. {auth.error.message}</SignInNotice>
  }
  if (auth.status !== 'signed-out' || !auth.reason) return null
  return <Notice>{signedOutReasons[auth.reason]}</Notice>
}

const unknownReasons = {
  network: 'The sign-in service can’t be reached right now. The shop works all the same.',
  server: 'The sign-in service has a problem right now. The shop works all the same.',
  storage: 'This browser’s storage does not answer, so we can’t tell whether you are signed in.',
}

const signedOutReasons = {
  denied: 'You chose not to share your account with the shop. You see the prices for everyone.',
  'session-ended': 'Your session has ended. Sign in again to see members’ prices.',
  'signed-out': 'You are signed out.',
  'storage-unavailable': 'This browser keeps nothing, so a sign-in lasts until you close the page.',
}

function SignInNotice({ action, children }: { action: string; children: ReactNode }) {
  const { isBusy, signIn } = useSignInAndOut()
  return (
    <Notice action={action} isBusy={isBusy} onAction={signIn}>
      {children}
    </Notice>
  )
}
