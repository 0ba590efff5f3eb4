import type { LeavingPage as State } from '../../contract/page-state.ts'
import { Actions, ButtonLink } from '../ui/button.tsx'
import { Frame } from '../ui/frame.tsx'
import { Name } from '../ui/name.tsx'
import { Heading, Lead } from '../ui/text.tsx'
import { isWebAddress } from '../web-address.ts'

/** Between our form and another provider's page, where no script can lead over; the browser goes on by itself. */
export function LeavingPage({ state: { tenant, address } }: { state: State }) {
  if (!isWebAddress(address)) return null
  return (
    <Frame tenant={tenant}>
      <Heading>One moment…</Heading>
      <Lead>
        You’re on your way to <Name>{new URL(address).host}</Name> to sign in.
      </Lead>
      <Actions>
        <ButtonLink href={address}>Continue</ButtonLink>
      </Actions>
    </Frame>
  )
}
