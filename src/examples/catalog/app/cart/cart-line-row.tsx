import { Link } from 'react-router'
import { Price } from '../parts/price.tsx'
import { productPath } from '../paths.ts'
import { ProductArt } from '../product-art/product-art.tsx'
import styles from './cart-line-row.module.css'
import { mostOfOne, useSetQuantity } from './cart-queries.ts'
import type { CartEntry } from './use-cart.ts'

/** One line of the cart: what it is, how many, and the way out of the cart. */
export function CartLineRow({ entry }: { entry: CartEntry }) {
  const { product, color, quantity, memberPrice } = entry
  const { mutate, isError } = useSetQuantity({ product: product.slug, color: color.name })
  const name = `${product.name}, ${color.label}`
  return (
    <li className={styles.line} aria-label={name}>
      <div className={styles.stage}>
        <ProductArt slug={product.slug} tint={color.tint} />
      </div>
      <div className={styles.text}>
        <h2 className={styles.name}>
          <Link to={productPath(product.slug, color.name)}>{product.name}</Link>
        </h2>
        <p className={styles.color}>{color.label}</p>
        <Price price={product.price} memberPrice={memberPrice} />
        {isError && <p role="alert">That did not work. Please try again.</p>}
      </div>
      <div className={styles.change}>
        <fieldset className={styles.quantity}>
          <legend className={styles.spoken}>How many: {name}</legend>
          <button
            type="button"
            aria-label="One less"
            className={styles.step}
            disabled={quantity === 1}
            onClick={() => mutate(quantity - 1)}
          >
            −
          </button>
          <output className={styles.number}>{quantity}</output>
          <button
            type="button"
            aria-label="One more"
            className={styles.step}
            disabled={quantity === mostOfOne}
            onClick={() => mutate(quantity + 1)}
          >
            +
          </button>
        </fieldset>
        <button type="button" className={styles.remove} onClick={() => mutate(0)}>
          Remove<span className={styles.spoken}> {name}</span>
        </button>
      </div>
    </li>
  )
}
