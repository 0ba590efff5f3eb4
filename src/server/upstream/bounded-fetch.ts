import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { CustomFetch, CustomFetchOptions } from 'openid-client'
import { isInsideAddress, lookupPublic } from './public-address.ts'

/** Metadata, key sets and token answers are a few kilobytes. */
const SIZE_LIMIT_BYTES = 262_144
/** So that a provider that keeps everybody waiting keeps no more than this, and hears no more from a flood of ours. */
const MOST_AT_ONCE = 64
/** Statuses that come without a body (Fetch standard). */
const WITHOUT_BODY = [204, 205, 304]

/** No usable answer came: the provider is gone, slow, failing, or says more than anybody needs. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/**
 * How a provider is asked: never more than so many bytes, no redirect followed, and an end in time given by the caller's
 * signal. Only the operator's own origins may be plain or inside; an address a document names must be https and public.
 */
export function createBoundedFetch(trustedOrigins: ReadonlySet<string>): CustomFetch {
  let underWay = 0
  return async (address, options) => {
    const url = new URL(address)
    const isTrusted = trustedOrigins.has(url.origin)
    if (!isTrusted && (url.protocol !== 'https:' || isInsideAddress(url.hostname))) {
      throw new Unreachable(`${url.origin} is neither configured nor public`)
    }
    if (underWay >= MOST_AT_ONCE) throw new Unreachable('too many requests to it are under way')
    underWay++
    try {
      return await send(url, options, isTrusted)
    } catch (error) {
      throw error instanceof Unreachable ? error : new Unreachable(reasonOf(error), { cause: error })
    } finally {
      underWay--
    }
  }
}

async function send(url: URL, options: CustomFetchOptions, isTrusted: boolean): Promise<Response> {
  const message = await answerTo(url, options, isTrusted)
  const { statusCode: status = 0 } = message
  if (status >= 300 && status < 400)
    throw abandoned(message, `answers with a redirect (${status}), which is not followed`)
  if (status >= 500 || status === 429) throw abandoned(message, `answers HTTP ${status}`)
  const body = await readBounded(message)
  const headers = { 'content-type': message.headers['content-type'] ?? '' }
  return new Response(WITHOUT_BODY.includes(status) ? null : body, { status, headers })
}

function answerTo(
  url: URL,
  { method, headers, body, signal }: CustomFetchOptions,
  isTrusted: boolean,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method,
      headers: { ...headers, 'accept-encoding': 'identity' },
      // Sign-ins are rare: a connection that was kept is more likely to be dead than of use.
      agent: false,
      ...(signal && { signal }),
      ...(!isTrusted && { lookup: lookupPublic }),
    })
    request.on('response', resolve)
    request.on('error', reject)
    request.end(body?.toString())
  })
}

async function readBounded(message: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > SIZE_LIMIT_BYTES) throw abandoned(message, `answers more than ${SIZE_LIMIT_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function abandoned(message: IncomingMessage, reason: string): Unreachable {
  message.destroy()
  return new Unreachable(reason)
}

/** `ECONNREFUSED`, `no answer in time`, …, for the log. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
