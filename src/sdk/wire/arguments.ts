import { AuthError } from './auth-error.ts'
import { scopeProblem } from './scope.ts'

/** The arguments of one call, read by name: what is missing or wrong is said in a sentence, before anything is sent. */
export interface Arguments<Name extends string> {
  /** A text that must be there. */
  text(name: Name): string
  /** A text that must be there, whatever it is made of. */
  secret(name: Name): string
  /** A text that may be left out. */
  optionalText(name: Name): string | undefined
  /** True or false, or `otherwise` when it is left out. */
  flag(name: Name, otherwise: boolean): boolean
  /** Scope values as they go out; undefined when there are none to ask for. */
  scope(name: Name): string | undefined
  /** Ends the call: this argument `problem`, the rest of a sentence. */
  refuse(name: Name, problem: string): never
}

/**
 * Reads the object a call was given, which is left as it is.
 *
 * @throws {AuthError} `argument-invalid` for what is no object, and for a name that means nothing.
 */
export function readArguments<Name extends string>(
  call: string,
  given: unknown,
  names: readonly Name[],
): Arguments<Name> {
  const values = asObject(call, given)
  const unknown = Object.keys(values).find((name) => !names.includes(name as Name))
  if (unknown !== undefined) throw argumentError(call, `\`${unknown}\` means nothing; there are ${names.join(', ')}`)
  const refuse = (name: Name, problem: string): never => {
    throw argumentError(call, `\`${name}\` ${problem}`)
  }
  const optionalText = (name: Name) => {
    const value = values[name]
    if (value === undefined) return undefined
    return isText(value) ? value : refuse(name, 'must be a non-empty text')
  }
  return {
    optionalText,
    text: (name) => optionalText(name) ?? refuse(name, 'must be given'),
    secret(name) {
      const value = values[name]
      return typeof value === 'string' && value !== '' ? value : refuse(name, 'must be a non-empty text')
    },
    flag(name, otherwise) {
      const { [name]: value = otherwise } = values
      return typeof value === 'boolean' ? value : refuse(name, 'must be true or false')
    },
    scope(name) {
      const value = values[name]
      const problem = value === undefined ? undefined : scopeProblem(value)
      if (problem) refuse(name, problem)
      // Asking for nothing in particular is the same as not asking.
      return [...new Set(value as string[] | undefined)].join(' ') || undefined
    },
    refuse,
  }
}

/** Makes the error of a wrong argument; `problem` is a sentence without its full stop. */
export function argumentError(call: string, problem: string): AuthError {
  return new AuthError('argument-invalid', { action: 'fix-request', message: `${call}: ${problem}.` })
}

function asObject(call: string, given: unknown): Record<string, unknown> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Record<string, unknown>
  throw argumentError(call, 'arguments are given as one object with names')
}

function isText(value: unknown): value is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return typeof value === 'string' && /\S/.test(value) && !/[\x00-\x1f\x7f]/.test(value)
}
