import { useAuth } from '@portico/sdk/react'
import { Navigate } from 'react-router'
import { paths } from '../paths.ts'
import styles from './callback-page.module.css'
import { useTitle } from './use-title.ts'

/** Seen for a moment on the way back from the portal: the SDK leads on to the page the person came from. */
export function CallbackPage() {
  useTitle('Signing you in · Catalog')
  const { status } = useAuth()
  if (status !== 'loading') return <Navigate to={paths.shop} replace />
  return (
    <p role="status" className={styles.moment}>
      <span className={styles.dot} aria-hidden="true" />
      Signing you in…
    </p>
  )
}
