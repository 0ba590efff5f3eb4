import { Link, useLocation } from 'react-router'
import { paths } from '../paths.ts'
import styles from './cart-link.module.css'
import { type Cart, useCart } from './use-cart.ts'

/** The way to the cart, and how much is in it. */
export function CartLink() {
  const cart = useCart()
  const isHere = useLocation().pathname === paths.cart
  return (
    <Link
      to={paths.cart}
      className={styles.link}
      aria-label={describe(cart)}
      aria-current={isHere ? 'page' : undefined}
    >
      <svg viewBox="0 0 32 32" aria-hidden="true" className={styles.basket}>
        <path d="M4.500 13h23l-2.700 11.200a2.400 2.400 0 0 1-2.300 1.800H9.500a2.400 2.400 0 0 1-2.300-1.800z" />
        <path d="m10.500 13 3.300-7M21.500 13l-3.300-7M12.500 17.500v4M16 17.500v4M19.500 17.500v4" />
      </svg>
      {cart.status === 'moving' && <span className={styles.moving} />}
      {cart.status === 'ready' && cart.count > 0 && <span className={styles.count}>{cart.count}</span>}
    </Link>
  )
}

function describe(cart: Cart): string {
  if (cart.status === 'moving') return 'Cart, moving'
  if (cart.status !== 'ready' || cart.count === 0) return 'Cart'
  return `Cart, ${cart.count} ${cart.count === 1 ? 'thing' : 'things'}`
}
