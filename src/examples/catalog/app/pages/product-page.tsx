import { useEffect } from 'react'
import { Link, useLocation, useParams, useSearchParams } from 'react-router'
import type { PublicProduct } from '../../products.ts'
import { AddToCart } from '../cart/add-to-cart.tsx'
import { ColorChoice } from '../parts/color-choice.tsx'
import { MemberOffer } from '../parts/member-offer.tsx'
import { Notice } from '../parts/notice.tsx'
import { Price } from '../parts/price.tsx'
import { Reviews } from '../parts/reviews.tsx'
import { shopPath } from '../paths.ts'
import { ProductArt } from '../product-art/product-art.tsx'
import { useMemberPrices, useProducts } from '../queries.ts'
import { NotFoundPage } from './not-found-page.tsx'
import styles from './product-page.module.css'
import { useTitle } from './use-title.ts'

export function ProductPage() {
  const { slug } = useParams()
  const { data, isError, refetch } = useProducts()
  if (isError && !data) {
    return (
      <Notice action="Try again" onAction={refetch}>
        This product could not be loaded.
      </Notice>
    )
  }
  if (!data) return <div aria-busy="true" />
  const product = data.find((one) => one.slug === slug)
  return product ? <Product product={product} /> : <NotFoundPage />
}

function Product({ product }: { product: PublicProduct }) {
  useTitle(`${product.name} · Catalog`)
  useScrollToHash()
  const [search] = useSearchParams()
  const memberPrices = useMemberPrices()
  const memberPrice = memberPrices.data?.[product.slug]
  const color = product.colors.find(({ name }) => name === search.get('color')) ?? product.colors[0]
  return (
    <article>
      <p className={styles.back}>
        <Link to={shopPath()}>Everything</Link> /{' '}
        <Link to={shopPath(product.category)}>{shelfNames[product.category]}</Link>
      </p>
      <div className={styles.product}>
        <div className={styles.stage}>
          <ProductArt slug={product.slug} tint={color?.tint} />
        </div>
        <div className={styles.facts}>
          <h1>{product.name}</h1>
          <p className={styles.tagline}>{product.tagline}</p>
          <Price price={product.price} memberPrice={memberPrice} size="large" />
          <MemberOffer hasPrice={memberPrice !== undefined} isError={memberPrices.isError} />
          {color && <ColorChoice product={product} chosen={color} />}
          {color && <AddToCart key={color.name} product={product} color={color} />}
          <p>{product.description}</p>
          <ul className={styles.details}>
            {product.details.map((detail) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        </div>
      </div>
      <Reviews reviews={product.reviews} />
    </article>
  )
}

const shelfNames = { 'tea-and-coffee': 'Tea & coffee', cooking: 'Cooking', table: 'Table' }

/** The browser looks for the hash before the product is there. */
function useScrollToHash() {
  const { hash } = useLocation()
  useEffect(() => {
    if (hash) document.getElementById(hash.slice(1))?.scrollIntoView()
  }, [hash])
}
