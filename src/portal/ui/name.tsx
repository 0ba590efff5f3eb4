import styles from './text.module.css'

/** A name somebody else chose: always text, and its direction of writing stays its own. */
export function Name({ children }: { children: string }) {
  return <bdi className={styles.name}>{children}</bdi>
}
