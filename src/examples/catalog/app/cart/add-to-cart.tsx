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
  const { mutate, isError, isPending } = useSetQuantity(item)
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
        <Note isError={isError} isBusy={isPending} isMoving={cart.status === 'moving'} quantity={quantity} />
      </p>
    </div>
  )
}

interface NoteProps {
  isError: boolean
  isBusy: boolean
  isMoving: boolean
  quantity: number
}

function Note({ isError, isBusy, isMoving, quantity }: NoteProps) {
  if (isMoving) return 'Moving your cart…'
  if (isBusy) return 'Adding…'
  if (isError) return 'That did not work. Please try again.'
  if (quantity === 0) return null
  return (
    <>
      {quantity} in <Link to={paths.cart}>your cart</Link>
    </>
  )
}
