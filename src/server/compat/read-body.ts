import type { FastifyInstance } from 'fastify'
import { checkFields, type FormLimits, formFields } from '../http/form-body.ts'
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
    app.addContentTypeParser(type, { parseAs: 'buffer' }, async (request: { headers: Headers }, body: unknown) => {
      checkCharset(request.headers)
      return read(body as Buffer)
    })
  accept('application/x-www-form-urlencoded', (body) => ({ kind: 'form', fields: formFields(body, limits) }))
  accept('application/json', (body) => ({ kind: 'json', fields: readJson(body, limits) }))
}

type Headers = { 'content-type'?: string | undefined }

/** JSON is UTF-8 (RFC 8259 section 8.1), and so are the forms of the web. */
function checkCharset({ 'content-type': type = '' }: Headers): void {
  const charset = /;\s*charset="?([^\s;"]*)/i.exec(type)?.[1]
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return
  throw new RequestError(415, 'unsupported-media-type', 'only UTF-8 is accepted here')
}

/** An object; a byte order mark before it is overlooked. @throws {RequestError} when it is anything else, or too much */
function readJson(body: Buffer, limits: FormLimits): Record<string, unknown> {
  const value = parseJson(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RequestError(400, 'invalid_request', 'the body must be a JSON object')
  const count = measure(value, limits, 1)
  if (count > limits.parameters)
    throw new RequestError(400, 'invalid_request', `at most ${limits.parameters} values are accepted`)
  return value as Record<string, unknown>
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

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new RequestError(400, 'invalid_request', 'the body is not JSON')
  }
}
