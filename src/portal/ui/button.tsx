import type { ReactNode } from 'react'
import styles from './button.module.css'

interface ButtonProps {
  kind?: 'primary' | 'secondary'
  /** What the form says when this button sent it. */
  name?: string
  value?: string
  /** Waiting for an answer: shown as working, still reachable by keyboard. */
  pending?: boolean
  /** Another button's answer is awaited. */
  waiting?: boolean
  /** Element that says why pressing it did not help. */
  describedBy?: string | undefined
  children: ReactNode
}

/** Sends the form it stands in. */
export function Button({ kind = 'primary', pending = false, waiting = false, ...props }: ButtonProps) {
  const { name, value, describedBy, children } = props
  return (
    <button
      type="submit"
      name={name}
      value={value}
      aria-busy={pending}
      aria-describedby={describedBy}
      aria-disabled={pending || waiting}
      className={`${styles.button} ${styles[kind]}`}
    >
      {pending && <span className={styles.spinner} aria-hidden="true" />}
      <span>{children}</span>
    </button>
  )
}

interface ButtonLinkProps {
  href: string
  kind?: 'primary' | 'secondary'
  children: ReactNode
}

/** Leads on, with the weight of a button. */
export function ButtonLink({ href, kind = 'primary', children }: ButtonLinkProps) {
  return (
    <a href={href} className={`${styles.button} ${styles[kind]}`}>
      <span>{children}</span>
    </a>
  )
}

/** A button that reads like a link, for the way out few people take. */
export function QuietButton({ children }: { children: ReactNode }) {
  return (
    <button type="submit" className={styles.quiet}>
      {children}
    </button>
  )
}

/** The ways on, below one another; two of equal weight stand side by side. */
export function Actions({ sideBySide = false, children }: { sideBySide?: boolean; children: ReactNode }) {
  return <div className={`${styles.actions} ${sideBySide ? styles.sideBySide : ''}`}>{children}</div>
}
