import type { SignOutScope } from '@portico/sdk'
import { type FocusEvent, type KeyboardEvent, useRef } from 'react'
import styles from './more-ways-out.module.css'

interface MoreWaysOutProps {
  isBusy: boolean
  onSignOut(scope: SignOutScope): void
}

/** The ways to sign out that few people take: less than usual, and more. */
export function MoreWaysOut({ isBusy, onSignOut }: MoreWaysOutProps) {
  const opener = useRef<HTMLElement>(null)

  const closeOnEscape = ({ key, currentTarget }: KeyboardEvent<HTMLDetailsElement>) => {
    if (key !== 'Escape' || !currentTarget.open) return
    currentTarget.open = false
    opener.current?.focus()
  }
  const closeWhenLeft = ({ currentTarget, relatedTarget }: FocusEvent<HTMLDetailsElement>) => {
    if (!currentTarget.contains(relatedTarget)) currentTarget.open = false
  }

  return (
    <details className={styles.more} onKeyDown={closeOnEscape} onBlur={closeWhenLeft}>
      <summary ref={opener} className={styles.opener} aria-label="More">
        <svg viewBox="0 0 16 16" aria-hidden="true" className={styles.arrow}>
          <path d="M3.5 6 8 10.5 12.5 6" />
        </svg>
      </summary>
      {/* A press beside a choice must not take the focus out of here. */}
      <div className={styles.choices} tabIndex={-1}>
        <Choice title="Sign out of the shop only" isBusy={isBusy} onChoose={() => onSignOut('app')}>
          Your other apps here stay signed in.
        </Choice>
        <Choice title="Sign out everywhere" isBusy={isBusy} onChoose={() => onSignOut('everywhere')}>
          Every browser and device, all apps.
        </Choice>
      </div>
    </details>
  )
}

interface ChoiceProps {
  title: string
  isBusy: boolean
  onChoose(): void
  children: string
}

function Choice({ title, isBusy, onChoose, children }: ChoiceProps) {
  return (
    <button type="button" disabled={isBusy} className={styles.choice} onClick={onChoose}>
      <strong>{title}</strong> <span>{children}</span>
    </button>
  )
}
