import type { FastifyInstance, FastifyRequest } from 'fastify'
import { checkFields, type FormLimits, formFields } from '../http/form-body.ts'
import { checkCharset, parseJsonObject } from '../http/json-body.ts'
import { RequestError } from '../http/request-error.ts'

export type BodyKind = 'form' | 'json'

export interface ReadBody {
  kind: BodyKind
  fields: Record<string, unknown>
}

/** As deep as any of these APIs nests what it is sent. */
const JSON_DEPTH = 8

/** Accepts forms and JSON objects, measured alike. */
export function acceptBodies(app: FastifyInstance, limits: FormLimits): void {
  app.removeAllContentTypeParsers()
  const accept = (type: string, read: (body: Buffer) => ReadBody) =>
    app.addContentTypeParser(type, { parseAs: 'buffer' }, async (request: FastifyRequest, body: unknown) => {
      checkCharset(request.headers)
      return read(body as Buffer)
    })
  accept('application/x-www-form-urlencoded', (body) => ({ kind: 'form', fields: formFields(body, limits) }))
  accept('application/json', (body) => ({ kind: 'json', fields: readJson(body, limits) }))
}

/** @throws {RequestError} when it is no object, or too much */
function readJson(body: Buffer, limits: FormLimits): Record<string, unknown> {
  const value = parseJsonObject(body)
  const count = measure(value, limits, 1)
  if (count > limits.parameters)
    throw new RequestError(400, 'invalid_request', `at most ${limits.parameters} values are accepted`)
  return value
}

/** How many values there are, each of them short enough. @throws {RequestError} when one is too long or lies too deep */
function measure(value: object, limits: FormLimits, depth: number): number {
  if (depth > JSON_DEPTH) throw new RequestError(400, 'invalid_request', 'the body is nested too deeply')
  let count = 0
  for (const [name, inner] of Object.entries(value)) {
    count++
    checkFields({ [name]: typeof inner === 'object' ? '' : inner }, limits)
    if (typeof inner === 'object' && inner !== null) count += measure(inner, limits, depth + 1)
  }
  return count
}
