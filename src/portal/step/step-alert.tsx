import type { StepError } from '../../contract/page-state.ts'
import { Notice } from '../ui/notice.tsx'
import { errorText, failureTexts } from './step-texts.ts'
import type { StepInHand } from './use-step.ts'

/** Names the alert, for the fields it describes. */
export const stepAlertId = 'step-alert'

interface Props {
  error: StepError | undefined
  step: Pick<StepInHand, 'failure' | 'attempt'>
}

/** Why the last try did not go through, announced each time anew. */
export function StepAlert({ error, step: { failure, attempt } }: Props) {
  const text = failure ? failureTexts[failure.reason] : error && !isAboutOneField(error) && errorText(error)
  if (!text) return null
  return (
    <Notice key={attempt} id={stepAlertId} tone="alert">
      {text}
    </Notice>
  )
}

/** Said at the field itself. */
function isAboutOneField({ code }: StepError): boolean {
  return code === 'missing-username' || code === 'missing-password'
}
