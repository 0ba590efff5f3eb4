import type { SignInPage as State } from '../../contract/page-state.ts'
import { useStep } from '../step/use-step.ts'
import { Frame } from '../ui/frame.tsx'
import { Name } from '../ui/name.tsx'
import { Notice } from '../ui/notice.tsx'
import { Heading, Lead } from '../ui/text.tsx'
import { ConnectNotice } from './connect-notice.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { UpstreamForm } from './upstream-form.tsx'

/** Username and password, or another provider, in the tenant's name, for the app that asks. */
export function SignInPage({ state }: { state: State }) {
  const step = useStep(state.action)
  return (
    <Frame tenant={state.tenant} client={state.client}>
      <Heading>Sign in</Heading>
      <Lead>
        to continue to <Name>{state.client.name}</Name>
      </Lead>
      <ConnectNotice state={state} step={step} />
      <SignInForm state={state} step={step} notice={<SignInNotice state={state} />} />
      <UpstreamForm state={state} step={step} />
    </Frame>
  )
}

function SignInNotice({ state: { notice, error, connect, client } }: { state: State }) {
  if (!notice || error || connect) return null
  return (
    <Notice tone="note">
      {notice === 'continued' ? (
        'The last page had been open for too long, so we started it again for you. Nothing is lost.'
      ) : (
        <>
          <Name>{client.name}</Name> asks you to confirm that it’s you. Sign in once more.
        </>
      )}
    </Notice>
  )
}
