import styles from './callback-page.module.css'
import { useTitle } from './use-title.ts'

/** Seen for a moment on the way back from the portal. The SDK leads on from here, whatever the answer was. */
export function CallbackPage() {
  useTitle('Signing you in · Catalog')
  return (
    <p role="status" className={styles.moment}>
      <span className={styles.dot} aria-hidden="true" />
      Signing you in…
    </p>
  )
}
