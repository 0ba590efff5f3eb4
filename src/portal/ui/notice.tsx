import type { ReactNode } from 'react'
import styles from './notice.module.css'

interface Props {
  tone: 'alert' | 'note'
  id?: string
  children: ReactNode
}

/** A sentence that needs to be noticed; an alert is also read out when it appears. */
export function Notice({ tone, id, children }: Props) {
  return (
    <p id={id} role={tone === 'alert' ? 'alert' : undefined} className={`${styles.notice} ${styles[tone]}`}>
      <NoticeGlyph />
      <span>{children}</span>
    </p>
  )
}

function NoticeGlyph() {
  return (
    <svg width="1.25rem" height="1.25rem" viewBox="0 0 20 20" fill="none" stroke="currentColor" aria-hidden="true">
      <circle cx="10" cy="10" r="8.25" strokeWidth="1.5" />
      <path strokeWidth="1.75" strokeLinecap="round" d="M10 5.75v5M10 14v.1" />
    </svg>
  )
}
