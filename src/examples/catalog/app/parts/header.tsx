import { Link, useLocation, useSearchParams } from 'react-router'
import type { Category } from '../../products.ts'
import { CartLink } from '../cart/cart-link.tsx'
import { paths, shopPath } from '../paths.ts'
import { Account } from './account.tsx'
import styles from './header.module.css'

const shelves: readonly { category?: Category; name: string }[] = [
  { name: 'Everything' },
  { category: 'tea-and-coffee', name: 'Tea & coffee' },
  { category: 'cooking', name: 'Cooking' },
  { category: 'table', name: 'Table' },
]

export function Header() {
  const [search] = useSearchParams()
  const isShop = useLocation().pathname === paths.shop
  const current = search.get('category') ?? undefined
  return (
    <header className={styles.header}>
      <div className={styles.inside}>
        <Link to={paths.shop} className={styles.brand}>
          <svg viewBox="0 0 32 32" aria-hidden="true" className={styles.mark}>
            <path d="M7 13h14v6.500a5.5 5.5 0 0 1-5.5 5.500h-3A5.5 5.5 0 0 1 7 19.500zm14 1.500h1.500a3 3 0 0 1 0 6H21" />
            <path d="M11.5 5.500c2 1.3-.8 2.7 1 4M16.5 5.500c2 1.3-.8 2.7 1 4" />
          </svg>
          Catalog
        </Link>
        <nav aria-label="Shelves" className={styles.shelves}>
          {shelves.map(({ category, name }) => (
            <Link
              key={name}
              to={shopPath(category)}
              aria-current={isShop && current === category ? 'page' : undefined}
              className={styles.shelf}
            >
              {name}
            </Link>
          ))}
        </nav>
        <div className={styles.tools}>
          <CartLink />
          <Account />
        </div>
      </div>
    </header>
  )
}
