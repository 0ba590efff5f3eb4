import type { ReactNode, SubmitEvent } from 'react'
import type { SignInPage } from '../../contract/page-state.ts'
import { StepAlert } from '../step/step-alert.tsx'
import { StepForm } from '../step/step-form.tsx'
import type { StepInHand } from '../step/use-step.ts'
import { Button } from '../ui/button.tsx'
import { PasswordField } from '../ui/password-field.tsx'
import { Status } from '../ui/text.tsx'
import { TextField } from '../ui/text-field.tsx'
import { fieldErrors, waitDescription } from './field-errors.ts'
import { fieldInNeed } from './field-in-need.ts'
import styles from './sign-in-form.module.css'
import { useSignInFields } from './use-sign-in-fields.ts'

interface Props {
  state: SignInPage
  step: StepInHand
  notice: ReactNode
}

/** Name and password. The fields hold what is typed by themselves: it stays, whatever the answer and without script. */
export function SignInForm({ state, step, notice }: Props) {
  const isSigningIn = step.pending?.step === 'sign-in'
  const fields = useSignInFields(state)
  const error = step.failure ? undefined : state.error
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    fields.hidePassword()
    step.onSubmit(event)
  }
  return (
    <StepForm step="sign-in" {...state} onSubmit={onSubmit} className={styles.form}>
      <StepAlert error={error} step={step} />
      {notice}
      <TextField
        label="Username or email"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        inputMode="email"
        defaultValue={state.username}
        autoFocus={fieldInNeed(state) === 'username'}
        ref={fields.username}
        {...fieldErrors(error, 'username')}
      />
      <PasswordField
        label="Password"
        name="password"
        autoComplete="current-password"
        autoCapitalize="none"
        autoFocus={fieldInNeed(state) === 'password'}
        isShown={fields.isPasswordShown}
        onToggle={fields.togglePassword}
        ref={fields.password}
        {...fieldErrors(error, 'password')}
      />
      <Button pending={isSigningIn} waiting={Boolean(step.pending)} describedBy={waitDescription(error)}>
        Sign in
      </Button>
      <Status>{isSigningIn ? 'Signing in…' : ''}</Status>
    </StepForm>
  )
}
