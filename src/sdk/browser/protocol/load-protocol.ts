import { AuthError } from '../../wire/auth-error.ts'

/**
 * Loads what talks to the issuer, which a page needs only once it does.
 *
 * @throws {AuthError} `network` when the chunk can't be loaded: offline, or gone with a deploy.
 */
export function loadProtocol(): Promise<typeof import('./protocol.ts')> {
  return import('./protocol.ts').catch((cause: unknown) => {
    throw new AuthError('network', { cause })
  })
}
