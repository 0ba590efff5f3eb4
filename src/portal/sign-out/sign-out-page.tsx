import type { SignOutPage as State } from '../../contract/page-state.ts'
import { Actions, Button, ButtonLink } from '../ui/button.tsx'
import { Frame } from '../ui/frame.tsx'
import { Name } from '../ui/name.tsx'
import { Person } from '../ui/person.tsx'
import { Heading, Lead, Small } from '../ui/text.tsx'
import { isWebAddress } from '../web-address.ts'
import styles from './sign-out-page.module.css'
import { useSendOnce } from './use-send-once.ts'

/** Asks before signing out: another site may have sent the person here. */
export function SignOutPage({ state }: { state: State }) {
  const { isSending, onSubmit } = useSendOnce()
  const { tenant, client, person } = state
  const home = client?.uri && isWebAddress(client.uri) ? client.uri : undefined
  return (
    <Frame tenant={tenant} client={client}>
      <Heading>Sign out?</Heading>
      <Lead>
        You’ll be signed out of <Name>{tenant.name}</Name> in this browser.
      </Lead>
      <form method="post" action={state.action} onSubmit={onSubmit} className={styles.form}>
        {Object.entries(state.fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {person && <Person person={person} />}
        <Actions>
          <Button name="logout" value="yes" pending={isSending}>
            Sign out
          </Button>
          {home && (
            <ButtonLink href={home} kind="secondary">
              Stay signed in
            </ButtonLink>
          )}
        </Actions>
      </form>
      {!home && <Small>To stay signed in, just close this page.</Small>}
    </Frame>
  )
}
