import { randomState } from 'openid-client'

const SEPARATOR = '--'

/** `{name}--{interaction}.{random}`: says which provider is coming back, and to which sign-in, before anything is looked up. */
export function makeState(name: string, interactionId: string): string {
  return `${name}${SEPARATOR}${interactionId}.${randomState()}`
}

/** The provider that a state of the form `{name}--{random}` names. */
export function providerNameOf(state: string): string | undefined {
  const at = state.indexOf(SEPARATOR)
  return at > 0 ? state.slice(0, at) : undefined
}

/** The interaction that a state of ours names. */
export function interactionIdOf(state: string): string | undefined {
  const [, id] = /--([\w-]{20,64})\.[\w-]+$/.exec(state) ?? []
  return id
}
