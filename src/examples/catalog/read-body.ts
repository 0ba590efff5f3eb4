import type { IncomingMessage } from 'node:http'

/** Somebody sends more than anything we expect. */
export class BodyTooLarge extends Error {}

/**
 * Reads the text a request brings.
 *
 * @throws {BodyTooLarge} beyond `mostBytes`.
 */
export async function readBody(request: IncomingMessage, mostBytes = 65_536): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) throw new BodyTooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
