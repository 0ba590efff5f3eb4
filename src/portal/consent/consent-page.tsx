import type { ConsentPage as State } from '../../contract/page-state.ts'
import { StepAlert } from '../step/step-alert.tsx'
import { StepForm } from '../step/step-form.tsx'
import { useStep } from '../step/use-step.ts'
import { Actions, Button, QuietButton } from '../ui/button.tsx'
import { Frame } from '../ui/frame.tsx'
import { Name } from '../ui/name.tsx'
import { Person } from '../ui/person.tsx'
import { Heading, Lead, Small, Status } from '../ui/text.tsx'
import styles from './consent-page.module.css'
import { PermissionList } from './permission-list.tsx'

/** Who asks, for what, and who is asked: allow or deny. */
export function ConsentPage({ state }: { state: State }) {
  const step = useStep(state.action)
  const decision = step.pending?.step === 'consent' ? step.pending.decision : undefined
  const isWaiting = step.pending !== undefined
  return (
    <Frame tenant={state.tenant} client={state.client}>
      <Heading>Allow access?</Heading>
      <Lead>
        <Name>{state.client.name}</Name> would like to
      </Lead>
      <PermissionList scopes={state.scopes} />
      <Person person={state.person}>
        <StepForm step="switch-account" {...state} onSubmit={step.onSubmit}>
          <QuietButton>Not you?</QuietButton>
        </StepForm>
      </Person>
      <StepForm step="consent" {...state} onSubmit={step.onSubmit} className={styles.form}>
        <StepAlert error={state.error} step={step} />
        <Actions sideBySide>
          <Button kind="secondary" name="decision" value="deny" pending={decision === 'deny'} waiting={isWaiting}>
            Deny
          </Button>
          <Button name="decision" value="allow" pending={decision === 'allow'} waiting={isWaiting}>
            Allow
          </Button>
        </Actions>
        <Status>{isWaiting ? 'One moment…' : ''}</Status>
      </StepForm>
      <Small>
        <Name>{state.client.name}</Name> keeps this until it is withdrawn, and asks again before it gets anything more.
      </Small>
    </Frame>
  )
}
