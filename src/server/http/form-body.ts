import type { FastifyInstance } from 'fastify'
import { RequestError } from './request-error.ts'

/** Characters one parameter may have; a sealed request holds several. */
const PARAMETER_LIMIT = 4000
const SEALED_LIMIT = 24_000
const PARAMETER_COUNT_LIMIT = 100
export const FORM_BODY_LIMIT_BYTES = 64 * 1024

/** Accepts forms, and nothing else, as the bytes that came: the engine reads them again. */
export function acceptForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, async (_request: unknown, body: unknown) => {
    readForm(body as Buffer)
    return body
  })
}

/** @throws {RequestError} when there are too many parameters, or one is too long */
export function readForm(text: Buffer | string): URLSearchParams {
  const parameters = new URLSearchParams(text.toString())
  if (parameters.size > PARAMETER_COUNT_LIMIT) {
    throw new RequestError(400, 'invalid_request', `at most ${PARAMETER_COUNT_LIMIT} parameters are accepted`)
  }
  for (const [name, value] of parameters) {
    const limit = name === 'sealed_request' ? SEALED_LIMIT : PARAMETER_LIMIT
    if (name.length > 200) throw new RequestError(400, 'invalid_request', 'a parameter name is too long')
    if (value.length > limit) throw new RequestError(400, 'invalid_request', `${name} is longer than ${limit} characters`)
  }
  return parameters
}

/** A form as an object. @throws {RequestError} when a field comes twice */
export function formFields(text: Buffer | string): Record<string, string> {
  const parameters = readForm(text)
  const fields = Object.fromEntries(parameters)
  const twice = [...parameters.keys()].find((name) => parameters.getAll(name).length > 1)
  if (twice !== undefined) throw new RequestError(400, 'invalid_request', `${twice} was sent more than once`)
  return fields
}
