import { Link } from 'react-router'
import type { PublicProduct } from '../../products.ts'
import { productPath } from '../paths.ts'
import { ProductArt } from '../product-art/product-art.tsx'
import { Price } from './price.tsx'
import styles from './product-card.module.css'

interface ProductCardProps {
  product: PublicProduct
  memberPrice: number | undefined
}

export function ProductCard({ product, memberPrice }: ProductCardProps) {
  const [color] = product.colors
  return (
    <article className={styles.card}>
      <div className={styles.stage}>
        <ProductArt slug={product.slug} tint={color?.tint} />
      </div>
      <div className={styles.text}>
        <h2 className={styles.name}>
          <Link to={productPath(product.slug)} className={styles.link}>
            {product.name}
          </Link>
        </h2>
        <p className={styles.tagline}>{product.tagline}</p>
        <Price price={product.price} memberPrice={memberPrice} />
      </div>
    </article>
  )
}
