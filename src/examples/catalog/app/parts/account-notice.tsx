import { useAuth } from '@portico/sdk/react'
import type { ReactNode } from 'react'
import { Notice } from './notice.tsx'
import { useSignInAndOut } from './use-sign-in-and-out.ts'

/** What there is to say about who is here, besides the name in the header. */
export function AccountNotice() {
  const who = useAuth()
  if (who.status === 'unknown') return <Notice>{unknownReasons[who.reason]}</Notice>
  if (who.status === 'error') return <SignInNotice>Signing in did not work. {who.error.message}</SignInNotice>
  if (who.status !== 'guest' || !who.reason) return null
  if (who.error) return <SignInNotice>Signing in did not work. {who.error.message}</SignInNotice>
  return <Notice>{guestReasons[who.reason]}</Notice>
}

const unknownReasons = {
  network: 'The shop can’t find out who is here: the way to its sign-in service is closed right now. It keeps trying.',
  server: 'The shop’s sign-in service has a problem right now. It keeps trying; please wait a little.',
  'guest-limit':
    'A great many people on your network are visiting right now. Please wait a little, the shelves fill by themselves. Signing in works at once.',
  'other-site': 'The shop can’t tell from here whether you are signed in.',
  storage: 'This browser’s storage does not answer, so we can’t tell whether you are signed in.',
}

const guestReasons = {
  denied: 'You chose not to share your account with the shop. You see the prices for everyone.',
  'session-ended': 'Your session has ended. Sign in again to see members’ prices.',
  'signed-out': 'You are signed out. This is a new visit, with an empty cart.',
  'storage-unavailable': 'This browser keeps nothing, so this visit lasts until you close the page.',
  replaced: 'Your last visit was too long ago to go on with. This is a new one, with an empty cart.',
  'sign-in-failed': 'Signing in did not work.',
}

function SignInNotice({ children }: { children: ReactNode }) {
  const { isBusy, signIn } = useSignInAndOut()
  return (
    <Notice action="Try again" isBusy={isBusy} onAction={signIn}>
      {children}
    </Notice>
  )
}
