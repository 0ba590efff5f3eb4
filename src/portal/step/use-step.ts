import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useEffect, useRef } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { InteractionStep, type StepAnswer } from '../../contract/interaction.ts'
import type { PageState } from '../../contract/page-state.ts'
import { pageQuery } from '../page/page-query.ts'
import { useRestored } from '../page/use-restored.ts'
import { type StepFailed, takeStep } from './take-step.ts'

/** How long a page may take to make room for the next before its buttons work again. */
const leavingMs = 10_000

export interface StepInHand {
  onSubmit: (event: SubmitEvent<HTMLFormElement>) => void
  /** The step on its way, until its answer is shown or the page has left. */
  pending: InteractionStep | undefined
  failure: StepFailed | undefined
  /** Differs with each try, so that the same sentence is announced again. */
  attempt: number
}

/** Takes the steps of a page's forms as data; what it can't take that way goes as the plain form post it is. */
export function useStep(action: string): StepInHand {
  const queryClient = useQueryClient()
  const showAnswer = useShowAnswer()
  const handOver = useRef(false)
  const { mutate, reset, ...mutation } = useMutation<StepAnswer, StepFailed, InteractionStep>({
    mutationKey: ['step'],
    mutationFn: (step) => takeStep(action, step),
    onSuccess: (answer, step) => showAnswer(answer, step),
    onError: (error) => {
      // The next try is the browser's own: whatever answers then, it can show.
      handOver.current = error.reason === 'unreadable'
    },
    networkMode: 'always',
    gcTime: 0,
  })
  const leaving = mutation.data !== undefined && 'redirectTo' in mutation.data
  useEffect(() => {
    if (!leaving) return
    const timer = setTimeout(reset, leavingMs)
    return () => clearTimeout(timer)
  }, [leaving, reset])
  useRestored(reset)

  return {
    onSubmit(event) {
      if (handOver.current) return
      const step = readStep(event)
      if (!step) return
      event.preventDefault()
      if (!leaving && queryClient.isMutating({ mutationKey: ['step'] }) === 0) mutate(step)
    },
    pending: mutation.isPending || leaving ? mutation.variables : undefined,
    failure: mutation.error ?? undefined,
    attempt: mutation.submittedAt,
  }
}

function readStep(event: SubmitEvent<HTMLFormElement>): InteractionStep | undefined {
  const fields = new FormData(event.currentTarget, event.nativeEvent.submitter)
  return InteractionStep.safeParse(Object.fromEntries(fields)).data
}

/** Leaves for where an answer leads, or shows its page at the address that page names. */
function useShowAnswer(): (answer: StepAnswer, step: InteractionStep) => void {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  return (answer, { step }) => {
    if ('redirectTo' in answer) return leave(answer.redirectTo, step)
    const address = startedAnew(answer.state, pathname) ?? pathname + search
    queryClient.setQueryData(pageQuery(address).queryKey, answer.state)
    void navigate(address, { replace: true })
  }
}

/** A spent step must not come back with the Back button; a visit to another provider may well end with it. */
function leave(address: string, step: InteractionStep['step']): void {
  if (step === 'upstream') window.location.assign(address)
  else window.location.replace(address)
}

/** The path of a step that goes on elsewhere, because the request behind it was started again. */
function startedAnew(state: PageState, current: string): string | undefined {
  if (!('sealedRequest' in state)) return undefined
  const { pathname } = new URL(state.action, window.location.href)
  return pathname === current ? undefined : pathname
}
