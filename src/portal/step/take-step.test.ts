import { expect, test } from 'vitest'
import type { InteractionStep } from '../../contract/interaction.ts'
import { aSignInPage } from '../page/a-page.ts'
import { StepFailed, takeStep } from './take-step.ts'

const step: InteractionStep = { step: 'sign-in', username: 'ada', password: 'p', sealed_request: 's' }

/** Takes the step against something that answers as given. */
const answered = (body: unknown, init?: ResponseInit) =>
  takeStep(
    '/demo/interaction/abc',
    step,
    async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), init),
  )

const reasonOf = (taken: Promise<unknown>) =>
  taken.then(
    () => 'no failure',
    (error: unknown) => (error instanceof StepFailed ? error.reason : error),
  )

test('a step goes as JSON and asks for JSON', async () => {
  const sent: Request[] = []
  await takeStep('https://portal.test/demo/interaction/abc', step, async (input, init) => {
    sent.push(new Request(input, init))
    return Response.json({ redirectTo: '/next' })
  })
  const [request] = sent
  expect(request?.method).toBe('POST')
  expect(request?.headers.get('accept')).toBe('application/json')
  expect(request?.headers.get('content-type')).toBe('application/json')
  expect(await request?.json()).toEqual(step)
})

test('an answer says where to go', async () => {
  expect(await answered({ redirectTo: 'https://catalog.test/callback?code=1' })).toEqual({
    redirectTo: 'https://catalog.test/callback?code=1',
  })
})

test('an answer says what to show, whatever its status', async () => {
  const state = aSignInPage({ error: { code: 'wrong-credentials' } })
  expect(await answered({ state }, { status: 401 })).toEqual({ state })
})

test.each([
  ['a page of a proxy', '<h1>Bad gateway</h1>', 502],
  ['nothing', '', 200],
  ['a state of a newer server', { state: { page: 'dance' } }, 200],
  ['an address that is a script', { redirectTo: 'javascript:alert(1)' }, 200],
  ["an error of the server's", { type: 'about:blank', title: 'Forbidden', status: 403 }, 403],
])('%s is no answer we can read', async (_name, body, status) => {
  expect(await reasonOf(answered(body, { status }))).toBe('unreadable')
})

test.each([429, 503])('status %i asks to wait', async (status) => {
  expect(await reasonOf(answered({ title: 'Busy', status }, { status }))).toBe('busy')
})

test('a network that fails is not the end of the page', async () => {
  const broken = async () => {
    throw new TypeError('Failed to fetch')
  }
  expect(await reasonOf(takeStep('/', step, broken))).toBe('unreachable')
})

test('an answer that breaks off counts as none', async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError('network error')) })
  expect(await reasonOf(takeStep('/', step, async () => new Response(body)))).toBe('unreachable')
})

test('a server that takes too long is told apart', async () => {
  const slow = async () => {
    throw new DOMException('signal timed out', 'TimeoutError')
  }
  expect(await reasonOf(takeStep('/', step, slow))).toBe('timed-out')
})
