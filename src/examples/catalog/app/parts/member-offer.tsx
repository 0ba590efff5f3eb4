import { useAuth } from '@portico/sdk/react'
import { Button } from './button.tsx'
import styles from './member-offer.module.css'
import { useSignInAndOut } from './use-sign-in-and-out.ts'

interface MemberOfferProps {
  hasPrice: boolean
  isError: boolean
}

/** What is between a visitor and the members' price. */
export function MemberOffer({ hasPrice, isError }: MemberOfferProps) {
  const auth = useAuth()
  const { isBusy, signIn } = useSignInAndOut()
  if (hasPrice || auth.status === 'loading') return null
  if (auth.status === 'member') {
    return <p className={styles.note}>{isError ? 'Your price can’t be shown right now.' : 'Looking up your price…'}</p>
  }
  return (
    <p className={styles.offer}>
      Members pay less for this.
      <Button look="quiet" disabled={isBusy} onClick={signIn}>
        Sign in for your price
      </Button>
    </p>
  )
}
