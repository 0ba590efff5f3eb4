import type { StepError } from '../../contract/page-state.ts'
import { stepAlertId } from '../step/step-alert.tsx'
import { errorText } from '../step/step-texts.ts'

interface FieldErrors {
  error?: string
  describedBy?: string
}

/** Ties what went wrong to a field. A sign-in that doesn't fit points at both alike: neither is said to be right. */
export function fieldErrors(error: StepError | undefined, field: 'username' | 'password'): FieldErrors {
  if (error?.code === 'wrong-credentials') return { describedBy: stepAlertId }
  if (error?.code === `missing-${field}`) return { error: errorText(error) }
  return {}
}

/** What only time helps against belongs to no field: it is said at the button, where the focus stays. */
export function waitDescription(error: StepError | undefined): string | undefined {
  return error?.retryAfterSeconds === undefined ? undefined : stepAlertId
}
