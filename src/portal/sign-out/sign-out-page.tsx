import type { SignOutPage as State } from '../../contract/page-state.ts'
import { Actions, Button, ButtonLink } from '../ui/button.tsx'
import { Frame } from '../ui/frame.tsx'
import { Name } from '../ui/name.tsx'
import { Person } from '../ui/person.tsx'
import { Heading, Lead, Small } from '../ui/text.tsx'
import { isWebAddress } from '../web-address.ts'
import { AppNames } from './app-names.tsx'
import styles from './sign-out-page.module.css'
import { useSendOnce } from './use-send-once.ts'

const words = {
  browser: { heading: 'Sign out?', button: 'Sign out', where: 'in this browser' },
  everywhere: {
    heading: 'Sign out everywhere?',
    button: 'Sign out everywhere',
    where: 'in every browser and on every device',
  },
}

/** Asks before signing out: another site may have sent the person here. */
export function SignOutPage({ state }: { state: State }) {
  const { isSending, onSubmit } = useSendOnce()
  const { tenant, client, person, scope, apps, widen } = state
  const { heading, button, where } = words[scope]
  const home = client?.uri && isWebAddress(client.uri) ? client.uri : undefined
  return (
    <Frame tenant={tenant} client={client}>
      <Heading>{heading}</Heading>
      <Lead>
        You’ll be signed out of <Name>{tenant.name}</Name> {where}
        {apps.length > 0 && (
          <>
            : <AppNames names={apps} />
          </>
        )}
        .
      </Lead>
      <form method="post" action={state.action} onSubmit={onSubmit} className={styles.form}>
        {Object.entries(state.fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {person && <Person person={person} />}
        <Actions>
          <Button name="logout" value={scope} pending={isSending}>
            {button}
          </Button>
          {home && (
            <ButtonLink href={home} kind="secondary">
              Stay signed in
            </ButtonLink>
          )}
        </Actions>
      </form>
      {!home && <Small>To stay signed in, just close this page.</Small>}
      {widen && (
        <Small>
          Still signed in somewhere else? <a href={widen}>Sign out everywhere</a>
        </Small>
      )}
    </Frame>
  )
}
