import type { ReactNode } from 'react'
import type { PersonView } from '../../contract/page-state.ts'
import { Name } from './name.tsx'
import styles from './person.module.css'

interface Props {
  person: PersonView
  children?: ReactNode
}

/** Who is signed in, with what can be done about it. */
export function Person({ person, children }: Props) {
  return (
    <div className={styles.person}>
      <p className={styles.text}>
        <span className={styles.label}>Signed in as</span>{' '}
        <strong className={styles.name}>
          <Name>{person.name}</Name>
        </strong>
        {person.username !== person.name && (
          <>
            {' '}
            <span className={styles.username}>
              <Name>{person.username}</Name>
            </span>
          </>
        )}
      </p>
      {children}
    </div>
  )
}
