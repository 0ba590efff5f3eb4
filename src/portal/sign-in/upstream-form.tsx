import type { SignInPage } from '../../contract/page-state.ts'
import { StepForm } from '../step/step-form.tsx'
import type { StepInHand } from '../step/use-step.ts'
import { Button } from '../ui/button.tsx'
import { Divider } from '../ui/divider.tsx'
import { Name } from '../ui/name.tsx'
import { Status } from '../ui/text.tsx'
import styles from './upstream-form.module.css'

interface Props {
  state: SignInPage
  step: StepInHand
}

/** A button for each other provider people may sign in through. */
export function UpstreamForm({ state, step: { pending, onSubmit } }: Props) {
  // Whoever comes from one is asked for what they have here, not sent back to it.
  const offered = state.upstreams.filter(({ name }) => name !== state.connect?.upstream.name)
  if (offered.length === 0) return null
  const chosen = pending?.step === 'upstream' ? pending.upstream : undefined
  return (
    <>
      <Divider>or</Divider>
      <StepForm step="upstream" {...state} onSubmit={onSubmit} className={styles.form}>
        {offered.map(({ name, label }) => (
          <Button
            key={name}
            kind="secondary"
            name="upstream"
            value={name}
            pending={chosen === name}
            waiting={pending !== undefined}
          >
            Continue with <Name>{label}</Name>
          </Button>
        ))}
        <Status>{chosen === undefined ? '' : 'One moment…'}</Status>
      </StepForm>
    </>
  )
}
