import type { ReactNode } from 'react'
import type { InteractionStep } from '../../contract/interaction.ts'
import type { StepInHand } from './use-step.ts'

interface Props {
  step: InteractionStep['step']
  action: string
  sealedRequest: string
  onSubmit: StepInHand['onSubmit']
  className?: string | undefined
  children: ReactNode
}

/** A real form: the browser can post it by itself, and carries the request along for when the server has let it go. */
export function StepForm({ step, action, sealedRequest, onSubmit, className, children }: Props) {
  return (
    <form method="post" action={action} onSubmit={onSubmit} className={className}>
      <input type="hidden" name="step" value={step} />
      <input type="hidden" name="sealed_request" value={sealedRequest} />
      {children}
    </form>
  )
}
