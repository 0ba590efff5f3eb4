import { useAuth } from '@portico/sdk/react'
import { useSearchParams } from 'react-router'
import { Notice } from '../parts/notice.tsx'
import { ProductCard } from '../parts/product-card.tsx'
import { useMemberPrices, useProducts } from '../queries.ts'
import styles from './shop-page.module.css'
import { useTitle } from './use-title.ts'

export function ShopPage() {
  useTitle('Catalog')
  const [search] = useSearchParams()
  const category = search.get('category')
  const { status } = useAuth()
  const products = useProducts()
  const memberPrices = useMemberPrices()
  const shown = products.data?.filter((product) => !category || product.category === category)
  return (
    <>
      <section className={styles.opening}>
        <h1>Kitchen things, made to be used every day.</h1>
        <Greeting />
      </section>
      {memberPrices.isError && (
        <Notice action="Try again" onAction={memberPrices.refetch}>
          Members’ prices can’t be shown right now. You see the prices for everyone.
        </Notice>
      )}
      {products.isError && status !== 'unknown' && (
        <Notice action="Try again" onAction={products.refetch}>
          The shelves could not be loaded.
        </Notice>
      )}
      <ul className={styles.shelf} aria-busy={!shown}>
        {shown?.map((product) => (
          <li key={product.slug}>
            <ProductCard product={product} memberPrice={memberPrices.data?.[product.slug]} />
          </li>
        ))}
        {!shown && placeholders.map((name) => <li key={name} className={styles.placeholder} />)}
      </ul>
    </>
  )
}

const placeholders = ['first', 'second', 'third', 'fourth']

function Greeting() {
  const auth = useAuth()
  if (auth.status === 'loading') return <p className={styles.greeting}>&nbsp;</p>
  if (auth.status !== 'member') {
    return <p className={styles.greeting}>Eight good things and nothing else. Members pay about a fifth less.</p>
  }
  const { name, username } = auth.user
  return <p className={styles.greeting}>Good to see you, {name ?? username}. These are your prices.</p>
}
