import type { ReactNode } from 'react'
import styles from './panel.module.css'

/** What is being done on this page beside its form, with the way out of it. */
export function Panel({ children }: { children: ReactNode }) {
  return <div className={styles.panel}>{children}</div>
}
