import type { FastifyInstance } from 'fastify'
import type { Limits } from '../config/schema.ts'
import { RequestError } from './request-error.ts'

/** What a form or query may hold. */
export type FormLimits = Pick<Limits, 'parameters' | 'parameter_characters'>

/** What we sealed holds other parameters, up to a whole request's. */
const SEALED = ['sealed_request', 'refresh_token', 'guest_token', 'token']
const SEALED_FACTOR = 6
const NAME_LIMIT = 200

/** Accepts forms, and nothing else, as the bytes that came: the engine reads them again. */
export function acceptForms(app: FastifyInstance, limits: FormLimits): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: unknown, body: unknown) => {
      readForm(body as Buffer, limits)
      return body
    },
  )
}

/** Accepts forms, and nothing else, read once. */
export function acceptParsedForms(app: FastifyInstance, limits: FormLimits): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: unknown, body: unknown) => readForm(String(body), limits),
  )
}

/** @throws {RequestError} when there are too many parameters, or one is too long */
export function readForm(text: Buffer | string, limits: FormLimits): URLSearchParams {
  return checkParameters(new URLSearchParams(text.toString()), limits)
}

/** @throws {RequestError} when there are too many parameters, or one is too long */
export function checkParameters(parameters: URLSearchParams, limits: FormLimits): URLSearchParams {
  if (parameters.size > limits.parameters) {
    throw new RequestError(400, 'invalid_request', `at most ${limits.parameters} parameters are accepted`)
  }
  for (const [name, value] of parameters) checkLength(name, value, limits)
  return parameters
}

/** Measures fields that came as JSON like those of a form. @throws {RequestError} when one is too long */
export function checkFields(fields: object, limits: FormLimits): void {
  for (const [name, value] of Object.entries(fields)) checkLength(name, String(value), limits)
}

function checkLength(name: string, value: string, limits: FormLimits): void {
  const limit = limits.parameter_characters * (SEALED.includes(name) ? SEALED_FACTOR : 1)
  if (name.length > NAME_LIMIT) throw new RequestError(400, 'invalid_request', 'a parameter name is too long')
  if (value.length > limit) throw new RequestError(400, 'invalid_request', `${name} is longer than ${limit} characters`)
}

/** A form as an object. @throws {RequestError} when a field comes twice */
export function formFields(text: Buffer | string, limits: FormLimits): Record<string, string> {
  const parameters = readForm(text, limits)
  const fields = Object.fromEntries(parameters)
  const twice = [...parameters.keys()].find((name) => parameters.getAll(name).length > 1)
  if (twice !== undefined) throw new RequestError(400, 'invalid_request', `${twice} was sent more than once`)
  return fields
}
