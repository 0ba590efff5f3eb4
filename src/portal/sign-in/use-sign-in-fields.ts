import { useEffect, useRef, useState } from 'react'
import type { SignInPage } from '../../contract/page-state.ts'
import { useRestored } from '../page/use-restored.ts'
import { fieldInNeed } from './field-in-need.ts'

/** The two fields as the browser has them: where the cursor goes after an answer, and who may see the password. */
export function useSignInFields(state: SignInPage) {
  const username = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const [isPasswordShown, setPasswordShown] = useState(false)

  const answered = useRef(state)
  useEffect(() => {
    // The page's first state is the browser's to focus, by the autofocus attribute.
    if (answered.current === state) return
    answered.current = state
    if (!isAboutFields(state)) return
    const field = fieldInNeed(state) === 'username' ? username.current : password.current
    field?.focus()
    field?.select()
  }, [state])

  useRestored(() => {
    setPasswordShown(false)
    if (password.current) password.current.value = ''
  })

  return {
    username,
    password,
    isPasswordShown,
    togglePassword: () => setPasswordShown(!isPasswordShown),
    // Browsers offer to remember only what is hidden, and nobody should read it off a waiting page.
    hidePassword: () => setPasswordShown(false),
  }
}

const ABOUT_FIELDS = ['wrong-credentials', 'missing-username', 'missing-password']

/** Whether typing something else would help: when it wouldn't, the focus stays on the button to press again. */
function isAboutFields({ error }: SignInPage): boolean {
  return error !== undefined && ABOUT_FIELDS.includes(error.code)
}
