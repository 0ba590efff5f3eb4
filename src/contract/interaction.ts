import * as z from 'zod/mini'
import { PageState } from './page-state.ts'

const sealed = { sealed_request: z.optional(z.string()) }

/** Body of `POST {issuer}/interaction/{id}`, as JSON or as a form: the step a person takes. */
export const InteractionStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('sign-in'), username: z.string(), password: z.string(), ...sealed }),
  /** "Continue with …": leads to another provider, named as in the page. */
  z.object({ step: z.literal('upstream'), upstream: z.string(), ...sealed }),
  /** "Not now": signs in without connecting the account to the provider the person came from. */
  z.object({ step: z.literal('forget-upstream'), ...sealed }),
  z.object({ step: z.literal('consent'), decision: z.enum(['allow', 'deny']), ...sealed }),
  /** "Not you?": ends the portal session's hold on this request and asks for another person. */
  z.object({ step: z.literal('switch-account'), ...sealed }),
])
export type InteractionStep = z.infer<typeof InteractionStep>

/** Answer to a step taken as JSON: where to go, or what to show instead. */
export const StepAnswer = z.union([z.object({ redirectTo: z.string() }), z.object({ state: PageState })])
export type StepAnswer = z.infer<typeof StepAnswer>
