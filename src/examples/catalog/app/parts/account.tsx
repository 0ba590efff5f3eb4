import { useAuth } from '@portico/sdk/react'
import styles from './account.module.css'
import { Button } from './button.tsx'
import { MoreWaysOut } from './more-ways-out.tsx'
import { useSignInAndOut } from './use-sign-in-and-out.ts'

/** Who is here, and the way in or out. */
export function Account() {
  const auth = useAuth()
  const { isBusy, problem, signIn, signOut } = useSignInAndOut()
  if (auth.status === 'loading') return <div className={styles.account} aria-busy="true" />
  return (
    <div className={styles.account}>
      {problem && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      {auth.status === 'member' ? (
        <>
          <span className={styles.name}>{auth.user.name ?? auth.user.username ?? auth.user.email}</span>
          <span className={styles.waysOut}>
            <Button look="quiet" disabled={isBusy} onClick={() => signOut()}>
              Sign out
            </Button>
            <MoreWaysOut isBusy={isBusy} onSignOut={signOut} />
          </span>
        </>
      ) : (
        <Button disabled={isBusy} onClick={signIn}>
          Sign in
        </Button>
      )}
    </div>
  )
}
