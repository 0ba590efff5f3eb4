import { Link } from 'react-router'
import { shopPath } from '../paths.ts'
import styles from './not-found-page.module.css'
import { useTitle } from './use-title.ts'

export function NotFoundPage() {
  useTitle('Not here · Catalog')
  return (
    <section className={styles.page}>
      <h1>This shelf is empty.</h1>
      <p>
        What you were looking for isn’t here (any more). <Link to={shopPath()}>See everything we have</Link>.
      </p>
    </section>
  )
}
