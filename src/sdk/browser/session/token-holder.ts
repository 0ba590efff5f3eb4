import type { Clock } from '../clock.ts'
import type { AccessToken } from './access-token.ts'
import type { SessionRecord } from './session-record.ts'
import type { Tabs } from './tabs.ts'

/** The access token of this tab: in memory, and handed to the other tabs. */
export interface TokenHolder {
  /** A token of this sign-in, for this company, that may still be sent. */
  usable(of: TokenOwner): AccessToken | undefined
  /** Whether it is time for the next one. */
  isDue(token: AccessToken): boolean
  /** Like `usable` and not due, asking the other tabs when they must have a newer one. */
  find(session: SessionRecord): Promise<AccessToken | undefined>
  /** Keeps a token and hands it to the other tabs. */
  take(token: AccessToken): void
  /** Never offers this token again: an API has refused it. */
  refuse(value: string): void
  drop(): void
}

/** Whose token, acting for whom. */
export type TokenOwner = Pick<AccessToken, 'login' | 'company'>

/** What {@link createTokenHolder} needs. */
export interface TokenHolderDeps {
  tabs: Tabs
  clock: Clock
  /** Whether a token of another tab belongs to who is signed in here. */
  isOurs(token: AccessToken): boolean
  /** Another tab's token was taken over. */
  onHeard(token: AccessToken): void
}

/** A tab that is alive answers within a few milliseconds; one that isn't costs a renewal, nothing more. */
const longestWaitMs = 50

/** Makes a holder without a token. */
export function createTokenHolder({ tabs, clock, isOurs, onHeard }: TokenHolderDeps): TokenHolder {
  let token: AccessToken | undefined
  let refused: string | undefined
  let wake: () => void = () => undefined

  const usable = ({ login, company }: TokenOwner) => {
    if (token?.login !== login || token.company !== company) return undefined
    return token.value !== refused && clock.now() < token.unusableAt ? token : undefined
  }
  const isDue = ({ renewAt }: AccessToken) => clock.now() >= renewAt
  const fresh = (of: TokenOwner) => {
    const found = usable(of)
    return found && !isDue(found) ? found : undefined
  }
  const share = () => token && tabs.tell({ type: 'token', token, clockOffsetMs: clock.offsetMs })

  tabs.onMessage((message) => {
    if (message.type === 'token-wanted' && token && usable(token)) share()
    if (message.type !== 'token' || !isOurs(message.token) || (token && isOlder(message.token, token))) return
    token = message.token
    clock.setOffset(message.clockOffsetMs)
    wake()
    onHeard(token)
  })

  return {
    usable,
    isDue,
    async find(session) {
      const { login, generation } = session
      const isBehind = token?.login !== login || token.generation < generation
      if (!fresh(session) && isBehind) {
        tabs.tell({ type: 'token-wanted' })
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, longestWaitMs)
        })
      }
      return fresh(session)
    },
    take(next) {
      if (next.value === token?.value) return
      token = next
      share()
    },
    refuse(value) {
      refused = value
    },
    drop() {
      token = undefined
    },
  }
}

function isOlder(heard: AccessToken, own: AccessToken): boolean {
  return heard.login === own.login && heard.generation <= own.generation
}
