import type { Review } from '../../products.ts'
import styles from './reviews.module.css'

export function Reviews({ reviews }: { reviews: readonly Review[] }) {
  return (
    <section id="reviews" className={styles.reviews} aria-labelledby="reviews-title">
      <h2 id="reviews-title">What people say</h2>
      <ul className={styles.list}>
        {reviews.map(({ author, stars, text }) => (
          <li key={author} className={styles.review}>
            <p role="img" aria-label={`${stars} of 5 stars`} className={styles.stars}>
              {'★'.repeat(stars)}
              <span className={styles.empty}>{'★'.repeat(5 - stars)}</span>
            </p>
            <p>{text}</p>
            <p className={styles.author}>{author}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
