import { money } from '../money.ts'
import styles from './price.module.css'

interface PriceProps {
  /** Cents, for everyone. */
  price: number
  /** Cents, for the person signed in. */
  memberPrice: number | undefined
  size?: 'small' | 'large'
}

export function Price({ price, memberPrice, size = 'small' }: PriceProps) {
  if (memberPrice === undefined) {
    return (
      <p className={`${styles.price} ${styles[size]}`}>
        <span className={styles.amount}>{money(price)}</span>
      </p>
    )
  }
  return (
    <p className={`${styles.price} ${styles[size]}`}>
      <span className={styles.badge}>Member price</span>{' '}
      <span className={styles.amounts}>
        <span className={styles.amount}>{money(memberPrice)}</span>{' '}
        <del className={styles.before}>
          <span className={styles.spoken}>instead of </span>
          {money(price)}
        </del>
      </span>
    </p>
  )
}
