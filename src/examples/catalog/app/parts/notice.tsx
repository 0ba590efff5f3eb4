import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import styles from './notice.module.css'

type NoticeProps = { children: ReactNode } & (
  | { action: string; onAction: () => void; isBusy?: boolean }
  | { action?: never; onAction?: never; isBusy?: never }
)

/** A sentence people should see before they go on, said aloud by screen readers when it appears. */
export function Notice({ children, action, onAction, isBusy }: NoticeProps) {
  return (
    <div role="status" className={styles.notice}>
      <p>{children}</p>
      {action && (
        <Button look="quiet" disabled={isBusy} onClick={onAction}>
          {action}
        </Button>
      )}
    </div>
  )
}
