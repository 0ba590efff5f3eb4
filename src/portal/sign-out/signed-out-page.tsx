import type { SignedOutPage as State } from '../../contract/page-state.ts'
import { Actions, ButtonLink } from '../ui/button.tsx'
import { Frame } from '../ui/frame.tsx'
import { Name } from '../ui/name.tsx'
import { Advice, Heading, Lead, Small } from '../ui/text.tsx'
import { isWebAddress } from '../web-address.ts'

/** Signed out, with the way back where the app is known. */
export function SignedOutPage({ state: { tenant, client, elsewhere } }: { state: State }) {
  const home = client?.uri && isWebAddress(client.uri) ? client.uri : undefined
  return (
    <Frame tenant={tenant} client={client}>
      <Heading>You’re signed out</Heading>
      <Lead>
        of <Name>{tenant.name}</Name>{' '}
        {elsewhere === 'ended' ? 'in every browser and on every device.' : 'in this browser.'}
      </Lead>
      {elsewhere === 'unchanged' && (
        <Advice>
          Other browsers and devices may still be signed in: here we can’t tell any more whose they are. Sign in once
          more, then sign out everywhere.
        </Advice>
      )}
      {home && (
        <Actions>
          <ButtonLink href={home}>
            Back to <Name>{client?.name ?? ''}</Name>
          </ButtonLink>
        </Actions>
      )}
      <Small>{home ? '' : 'You can close this page now. '}On a shared computer, close the browser as well.</Small>
    </Frame>
  )
}
