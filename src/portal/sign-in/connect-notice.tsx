import type { SignInPage } from '../../contract/page-state.ts'
import { StepForm } from '../step/step-form.tsx'
import type { StepInHand } from '../step/use-step.ts'
import { QuietButton } from '../ui/button.tsx'
import { Name } from '../ui/name.tsx'
import { Panel } from '../ui/panel.tsx'

interface Props {
  state: SignInPage
  step: Pick<StepInHand, 'onSubmit'>
}

/** Says that signing in now also connects the account to the provider the person came from, and lets them leave that. */
export function ConnectNotice({ state, step }: Props) {
  const { connect } = state
  if (!connect) return null
  return (
    <Panel>
      <p>
        There’s an account here with the email{' '}
        <strong>
          <Name>{connect.email}</Name>
        </strong>
        . Sign in to it once to connect it with{' '}
        <strong>
          <Name>{connect.upstream.label}</Name>
        </strong>
        .
      </p>
      <StepForm step="forget-upstream" {...state} onSubmit={step.onSubmit}>
        <QuietButton>Not now</QuietButton>
      </StepForm>
    </Panel>
  )
}
