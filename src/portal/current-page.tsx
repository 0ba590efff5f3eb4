import { useEffect, useRef } from 'react'
import type { PageState } from '../contract/page-state.ts'
import { ConsentPage } from './consent/consent-page.tsx'
import { LeavingPage } from './leaving/leaving-page.tsx'
import { usePageState } from './page/use-page-state.ts'
import { useReadAgainWhenRestored } from './page/use-read-again-when-restored.ts'
import { ProblemPage } from './problem/problem-page.tsx'
import { SignInPage } from './sign-in/sign-in-page.tsx'
import { SignOutPage } from './sign-out/sign-out-page.tsx'
import { SignedOutPage } from './sign-out/signed-out-page.tsx'
import { titleOf } from './title.ts'

interface Props {
  initialState: PageState
}

/** A page whose address can be read again: when the browser brings it back from its cache, it shows what is true now. */
export function LivePage({ initialState }: Props) {
  useReadAgainWhenRestored(initialState)
  return <CurrentPage initialState={initialState} />
}

/** The page for the address's state. One that takes another's place is announced by where the focus goes. */
export function CurrentPage({ initialState }: Props) {
  const state = usePageState(initialState)
  const shown = useRef(state.page)
  useEffect(() => {
    document.title = titleOf(state)
    if (shown.current === state.page) return
    shown.current = state.page
    // The button that was pressed is gone. A page with a field to type in has taken the focus by itself.
    if (document.activeElement === document.body) document.querySelector('h1')?.focus()
  }, [state])
  return drawPage(state)
}

function drawPage(state: PageState) {
  switch (state.page) {
    case 'sign-in':
      return <SignInPage state={state} />
    case 'consent':
      return <ConsentPage state={state} />
    case 'leaving':
      return <LeavingPage state={state} />
    case 'sign-out':
      return <SignOutPage state={state} />
    case 'signed-out':
      return <SignedOutPage state={state} />
    case 'problem':
      return <ProblemPage state={state} />
  }
}
