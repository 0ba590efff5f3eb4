import type { TabChannel } from '../environment.ts'
import type { AccessToken } from './access-token.ts'

/** What tabs tell each other. Tokens pass between tabs of one origin, which share everything anyway. */
export type TabMessage =
  /** A token somebody has; newer ones replace older ones. */
  | { type: 'token'; token: AccessToken; clockOffsetMs: number }
  /** A tab has a session and no token yet. */
  | { type: 'token-wanted' }
  /** What is kept has changed: somebody signed in, or a guest has come. */
  | { type: 'session-changed'; news?: { readonly status: 'replaced' } }
  /** Who was here is gone; without a reason there is nothing to tell. */
  | { type: 'signed-out'; reason?: 'signed-out' | 'session-ended' }

/** The other tabs of this client. */
export interface Tabs {
  tell(message: TabMessage): void
  onMessage(listener: (message: TabMessage) => void): void
}

const version = 1

/** Joins the tabs of one client; messages of another version of the SDK are left alone. */
export function joinTabs(channel: TabChannel): Tabs {
  return {
    tell: (message) => channel.post({ version, ...message }),
    onMessage(listener) {
      channel.listen((message) => {
        if (isMessage(message)) listener(message)
      })
    },
  }
}

function isMessage(value: unknown): value is TabMessage {
  return (
    typeof value === 'object' && value !== null && 'type' in value && 'version' in value && value.version === version
  )
}
