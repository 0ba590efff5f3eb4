import { connect } from 'node:net'
import { createServer } from 'node:tls'
import type { Certificate } from './certificates.ts'
import { type Listening, listen } from './listening.ts'

/** What a load balancer does: ends TLS on one port and passes the bytes on to another. */
export function startTlsFront({ key, cert }: Certificate, port: number, inside: number): Promise<Listening> {
  const front = createServer({ key, cert }, (outer) => {
    const inner = connect(inside, '127.0.0.1')
    outer.pipe(inner).pipe(outer)
    outer.on('error', () => inner.destroy())
    inner.on('error', () => outer.destroy())
  })
  return listen(front, port)
}
