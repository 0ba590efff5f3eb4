/** One HTTP answer, read whole. */
export interface Answer {
  status: number
  /** Names in lower case. */
  headers: ReadonlyMap<string, string>
  cookies: readonly string[]
  body: string
}

const HEAD_END = '\r\n\r\n'

/** Reads one answer from the bytes of a connection (RFC 9112), or nothing while a part is missing. */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd < 0) return undefined
  const { status, headers, cookies } = readHead(bytes.toString('latin1', 0, headEnd))
  const body = readBody(bytes.subarray(headEnd + HEAD_END.length), headers, status)
  return body === undefined ? undefined : { status, headers, cookies, body }
}

function readHead(head: string) {
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = new Map<string, string>()
  const cookies: string[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === 'set-cookie') cookies.push(value)
    else headers.set(name, value)
  }
  return { status: Number(statusLine.split(' ', 2)[1]), headers, cookies }
}

function readBody(rest: Buffer, headers: ReadonlyMap<string, string>, status: number): string | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(rest)
  const length = status === 204 ? 0 : Number(headers.get('content-length'))
  if (Number.isNaN(length)) throw new Error('an answer without a length')
  return rest.length < length ? undefined : rest.toString('utf8', 0, length)
}

function readChunks(rest: Buffer): string | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16)
    const start = lineEnd + 2
    at = start + size + 2
    if (rest.length < at) return undefined
    if (size === 0) return Buffer.concat(parts).toString()
    parts.push(rest.subarray(start, start + size))
  }
}
