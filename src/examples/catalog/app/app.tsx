import { useEffect } from 'react'
import { Route, Routes, useLocation } from 'react-router'
import styles from './app.module.css'
import { CartPage } from './cart/cart-page.tsx'
import { CallbackPage } from './pages/callback-page.tsx'
import { NotFoundPage } from './pages/not-found-page.tsx'
import { ProductPage } from './pages/product-page.tsx'
import { ShopPage } from './pages/shop-page.tsx'
import { AccountNotice } from './parts/account-notice.tsx'
import { Footer } from './parts/footer.tsx'
import { Header } from './parts/header.tsx'
import { paths } from './paths.ts'

export function App() {
  useScrollToTop()
  return (
    <>
      <a className={styles.skip} href="#content">
        Skip to content
      </a>
      <Header />
      <main id="content" className={styles.main} tabIndex={-1}>
        <AccountNotice />
        <Routes>
          <Route path={paths.shop} element={<ShopPage />} />
          <Route path={paths.product} element={<ProductPage />} />
          <Route path={paths.cart} element={<CartPage />} />
          <Route path={paths.callback} element={<CallbackPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </main>
      <Footer />
    </>
  )
}

/** A new page begins at its top; a hash leads elsewhere, and a colour stays where it is. */
function useScrollToTop() {
  const { pathname, hash } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the page is what changed
  useEffect(() => {
    if (!hash) window.scrollTo(0, 0)
  }, [pathname])
}
