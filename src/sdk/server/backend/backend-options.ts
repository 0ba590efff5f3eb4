import { AuthError } from '../../wire/auth-error.ts'
import { issuerProblem } from '../../wire/web-address.ts'

/** Options of {@link createBackend}. */
export interface BackendOptions {
  /** The tenant's issuer, for example `https://id.example.com/demo`. */
  readonly issuer: string
  /** Id of a client with a secret. */
  readonly clientId: string
  /** Its secret; from the environment, never from a file that is checked in. Undefined is refused, with a sentence. */
  readonly clientSecret: string | undefined
}

const known = ['issuer', 'clientId', 'clientSecret']

/**
 * Checks the options of `createBackend`.
 *
 * @throws {AuthError} `configuration`, naming the option and never its value.
 */
export function checkBackendOptions(options: BackendOptions): void {
  const unknown = Object.keys(options ?? {}).find((name) => !known.includes(name))
  if (unknown !== undefined) fail(unknown, `is not an option; there are ${known.join(', ')}`)
  const problem = issuerProblem(options?.issuer)
  if (problem) fail('issuer', problem)
  checkText('clientId', options.clientId)
  checkText('clientSecret', options.clientSecret)
}

function checkText(option: string, value: unknown): void {
  if (typeof value !== 'string' || !value) fail(option, 'must be a non-empty text; is its variable set?')
}

function fail(option: string, problem: string): never {
  throw new AuthError('configuration', { message: `createBackend: \`${option}\` ${problem}.` })
}
