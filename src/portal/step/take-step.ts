import { type InteractionStep, StepAnswer } from '../../contract/interaction.ts'
import { isWebAddress } from '../web-address.ts'

/**
 * Why a step got no answer we can show.
 * - `unreachable`: nothing came back.
 * - `timed-out`: nothing came back in time.
 * - `busy`: the server, or what stands before it, asks to wait.
 * - `unreadable`: something came back that isn't an answer to a step, such as a proxy's own page.
 */
export type StepFailureReason = 'unreachable' | 'timed-out' | 'busy' | 'unreadable'

export class StepFailed extends Error {
  readonly reason: StepFailureReason

  constructor(reason: StepFailureReason, options?: ErrorOptions) {
    super(`The step got no usable answer: ${reason}`, options)
    this.reason = reason
  }
}

const deadlineMs = 20_000

/** Posts a step as JSON and reads what comes next. @throws {StepFailed} */
export async function takeStep(action: string, step: InteractionStep, send: typeof fetch = fetch): Promise<StepAnswer> {
  try {
    return await readAnswer(await send(action, jsonPost(step)))
  } catch (error) {
    if (error instanceof StepFailed) throw error
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
    throw new StepFailed(timedOut ? 'timed-out' : 'unreachable', { cause: error })
  }
}

function jsonPost(step: InteractionStep): RequestInit {
  return {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(step),
    // An answer is data: where it leads is for the page to follow, not for fetch.
    redirect: 'manual',
    signal: AbortSignal.timeout(deadlineMs),
  }
}

async function readAnswer(response: Response): Promise<StepAnswer> {
  const text = await response.text()
  const answer = StepAnswer.safeParse(parseJson(text))
  if (answer.success && canBeFollowed(answer.data)) return answer.data
  throw new StepFailed(response.status === 429 || response.status === 503 ? 'busy' : 'unreadable')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function canBeFollowed(answer: StepAnswer): boolean {
  return 'state' in answer || isWebAddress(answer.redirectTo)
}
