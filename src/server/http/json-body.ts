import { RequestError } from './request-error.ts'

/** JSON is UTF-8 (RFC 8259 section 8.1), and so are the forms of the web. @throws {RequestError} for another charset */
export function checkCharset({ 'content-type': type = '' }: { 'content-type'?: string | undefined }): void {
  const charset = /;\s*charset="?([^\s;"]*)/i.exec(type)?.[1]
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return
  throw new RequestError(415, 'unsupported-media-type', 'only UTF-8 is accepted here')
}

/** A byte order mark before it is overlooked. @throws {RequestError} when it is no JSON, or no object */
export function parseJsonObject(body: Buffer): Record<string, unknown> {
  const value = parseJson(body)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new RequestError(400, 'invalid_request', 'the body must be a JSON object')
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new RequestError(400, 'invalid_request', 'the body is not JSON')
  }
}
