import styles from './divider.module.css'

/** A line with a word in it, between two ways to do the same. */
export function Divider({ children }: { children: string }) {
  return (
    <p className={styles.divider}>
      <span>{children}</span>
    </p>
  )
}
