import { Link } from 'react-router'
import type { ProductColor, PublicProduct } from '../../products.ts'
import { Button } from '../parts/button.tsx'
import { paths } from '../paths.ts'
import styles from './add-to-cart.module.css'
import { mostOfOne, useSetQuantity } from './cart-queries.ts'
import { useCart } from './use-cart.ts'

/** Puts one more of this product, in this colour, in the cart. */
export function AddToCart({ product, color }: { product: PublicProduct; color: ProductColor }) {
  const cart = useCart()
  const item = { product: product.slug, color: color.name }
  const { mutate, isError } = useSetQuantity(item)
  const entry =
    cart.status === 'ready' ? cart.entries.find((one) => one.product === product && one.color === color) : undefined
  const quantity = entry?.quantity ?? 0
  const isPossible = cart.status === 'ready' && quantity < mostOfOne
  return (
    <div className={styles.add}>
      <Button disabled={!isPossible} onClick={() => mutate(quantity + 1)}>
        Add to cart
      </Button>
      <p role="status" className={styles.note}>
        {isError && 'That did not work. Please try again.'}
        {!isError && cart.status === 'moving' && 'Moving your cart…'}
        {!isError && quantity > 0 && (
          <>
            {quantity} in <Link to={paths.cart}>your cart</Link>
          </>
        )}
      </p>
    </div>
  )
}
