import { Link } from 'react-router'
import { useTitle } from '../pages/use-title.ts'
import { Notice } from '../parts/notice.tsx'
import { shopPath } from '../paths.ts'
import { CartLineRow } from './cart-line-row.tsx'
import styles from './cart-page.module.css'
import { CartSummary } from './cart-summary.tsx'
import { type CartEntry, useCart } from './use-cart.ts'

export function CartPage() {
  useTitle('Your cart · Catalog')
  const cart = useCart()
  return (
    <section className={styles.page} aria-busy={cart.status === 'loading' || cart.status === 'moving'}>
      <h1>Your cart</h1>
      {cart.status === 'loading' && <div className={styles.placeholder} />}
      {cart.status === 'moving' && <Moving />}
      {cart.status === 'unavailable' && (
        <Notice action="Try again" onAction={cart.tryAgain}>
          Your cart could not be loaded. Nothing in it is lost.
        </Notice>
      )}
      {cart.status === 'ready' && (
        <>
          {cart.isLate && (
            <Notice>
              What you chose before you signed in may still be on its way. We keep trying; nothing is lost.
            </Notice>
          )}
          {cart.count > 0 && <Lines entries={cart.entries} />}
          {cart.count === 0 && !cart.isLate && <Empty />}
        </>
      )}
    </section>
  )
}

/** The shop hears within a moment, or as soon as it is up again, whose cart it keeps. */
function Moving() {
  return (
    <div role="status" className={styles.moving}>
      <span className={styles.dots} aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      <p>Moving your cart…</p>
      <p className={styles.note}>What you chose as a visitor is coming over to your account.</p>
    </div>
  )
}

function Empty() {
  return (
    <p className={styles.empty}>
      Nothing here yet. <Link to={shopPath()}>See everything we have</Link>.
    </p>
  )
}

function Lines({ entries }: { entries: CartEntry[] }) {
  return (
    <div className={styles.columns}>
      <ul className={styles.lines}>
        {entries.map((entry) => (
          <CartLineRow key={`${entry.product.slug} ${entry.color.name}`} entry={entry} />
        ))}
      </ul>
      <CartSummary entries={entries} />
    </div>
  )
}
