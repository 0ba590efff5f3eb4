import type { ReactNode } from 'react'
import styles from './text.module.css'

interface Props {
  children: ReactNode
}

/** What the page is. It takes the focus when it replaces another page, so that it is read out. */
export function Heading({ children }: Props) {
  return (
    <h1 tabIndex={-1} className={styles.heading}>
      {children}
    </h1>
  )
}

/** The sentence under the heading. */
export function Lead({ children }: Props) {
  return <p className={styles.lead}>{children}</p>
}

/** What to do, where no button can do it. */
export function Advice({ children }: Props) {
  return <p className={styles.advice}>{children}</p>
}

/** What is good to know but not needed to go on. */
export function Small({ children }: Props) {
  return <p className={styles.small}>{children}</p>
}

/** Says quietly what is going on, without moving anyone's focus. */
export function Status({ children }: { children: string }) {
  return (
    <span role="status" className={styles.spoken}>
      {children}
    </span>
  )
}
