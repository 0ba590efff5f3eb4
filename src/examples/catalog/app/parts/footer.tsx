import styles from './footer.module.css'
import { ForgetVisit } from './forget-visit.tsx'

export function Footer() {
  return (
    <footer className={styles.footer}>
      <div className={styles.inside}>
        <p>
          <strong>Delivery</strong> in two to four days, free from €60.
        </p>
        <p>
          <strong>Returns</strong> within a hundred days, used or not.
        </p>
        <p>
          <strong>Questions?</strong> Real people answer, Monday to Saturday.
        </p>
        <ForgetVisit />
        <p className={styles.note}>A demonstration shop: everything is looked after, nothing is for sale.</p>
      </div>
    </footer>
  )
}
