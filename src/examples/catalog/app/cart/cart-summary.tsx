import { useAuth } from '@portico/sdk/react'
import { money } from '../money.ts'
import { Button } from '../parts/button.tsx'
import { useSignInAndOut } from '../parts/use-sign-in-and-out.ts'
import styles from './cart-summary.module.css'
import { type CartEntry, totalOf } from './use-cart.ts'

const freeDeliveryFrom = 6000

/** What it all costs, and for a visitor what signing in would change. */
export function CartSummary({ entries }: { entries: CartEntry[] }) {
  const total = totalOf(entries)
  const saved = totalOf(entries.map((entry) => ({ ...entry, memberPrice: undefined }))) - total
  return (
    <section className={styles.summary} aria-labelledby="cart-total">
      <h2 id="cart-total" className={styles.title}>
        Total
      </h2>
      <p className={styles.total}>{money(total)}</p>
      {saved > 0 && <p className={styles.saved}>{money(saved)} less than for everybody.</p>}
      <p className={styles.note}>
        {total >= freeDeliveryFrom
          ? 'Delivery is free.'
          : `${money(freeDeliveryFrom - total)} more and delivery is free.`}
      </p>
      <BringAlong />
    </section>
  )
}

/** What a visitor gains by signing in, and doesn't lose. */
function BringAlong() {
  const { status } = useAuth()
  const { isBusy, signIn } = useSignInAndOut()
  if (status === 'member' || status === 'loading') return null
  return (
    <div className={styles.offer}>
      <p>Members pay less. Your cart comes along when you sign in.</p>
      <Button disabled={isBusy} onClick={signIn}>
        Sign in for your prices
      </Button>
    </div>
  )
}
