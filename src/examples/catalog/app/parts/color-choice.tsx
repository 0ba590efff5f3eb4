import { Link } from 'react-router'
import type { ProductColor, PublicProduct } from '../../products.ts'
import { productPath } from '../paths.ts'
import styles from './color-choice.module.css'

/** Colours as links, so that a colour can be kept and sent. */
export function ColorChoice({ product, chosen }: { product: PublicProduct; chosen: ProductColor }) {
  return (
    <nav aria-label="Colour" className={styles.choice}>
      <p>
        Colour: <strong>{chosen.label}</strong>
      </p>
      <ul className={styles.colors}>
        {product.colors.map((color) => (
          <li key={color.name}>
            <Link
              to={productPath(product.slug, color.name)}
              replace
              aria-current={color === chosen ? 'true' : undefined}
              className={styles.color}
              style={{ backgroundColor: color.tint }}
            >
              <span className={styles.label}>{color.label}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
