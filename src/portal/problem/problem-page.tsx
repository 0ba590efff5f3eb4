import type { ProblemPage as State } from '../../contract/page-state.ts'
import { Actions, ButtonLink } from '../ui/button.tsx'
import { Frame } from '../ui/frame.tsx'
import { Name } from '../ui/name.tsx'
import { Advice, Heading, Lead, Small } from '../ui/text.tsx'
import { isWebAddress } from '../web-address.ts'
import { problems } from './problems.ts'

/** Says what happened and offers the way on; where no link can, a sentence does. */
export function ProblemPage({ state }: { state: State }) {
  const problem = problems[state.problem]
  return (
    <Frame tenant={state.tenant} client={state.client}>
      <Heading>{problem.title}</Heading>
      <Lead>{problem.text}</Lead>
      <WayOn state={state} />
      {state.requestId && (
        <Small>
          If you ask for help, quote <code>{state.requestId}</code>
        </Small>
      )}
    </Frame>
  )
}

function WayOn({ state: { problem, restart, client } }: { state: State }) {
  const home = client?.uri && isWebAddress(client.uri) ? client.uri : undefined
  if (!restart && !home) return <Advice>{problems[problem].otherwise}</Advice>
  return (
    <Actions>
      {restart && <ButtonLink href={restart}>{problems[problem].restart}</ButtonLink>}
      {home && (
        <ButtonLink href={home} kind={restart ? 'secondary' : 'primary'}>
          Back to <Name>{client?.name ?? ''}</Name>
        </ButtonLink>
      )}
    </Actions>
  )
}
