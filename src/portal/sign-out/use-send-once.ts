import { type SubmitEvent, useRef, useState } from 'react'
import { useRestored } from '../page/use-restored.ts'

/** For a form the browser posts itself: shows that it is on its way and lets a second press do nothing. */
export function useSendOnce() {
  const [isSending, setSending] = useState(false)
  const sent = useRef(false)
  const set = (value: boolean) => {
    sent.current = value
    setSending(value)
  }
  useRestored(() => set(false))
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    if (sent.current) event.preventDefault()
    else set(true)
  }
  return { isSending, onSubmit }
}
