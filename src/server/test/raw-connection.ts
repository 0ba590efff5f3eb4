import { connect, type Socket } from 'node:net'
import type { TestApp } from './test-app.ts'

/** A connection on which a test says exactly what it wants, as no HTTP client would. */
export interface RawConnection {
  send(text: string): void
  /** Everything that came back until the server closed the connection. */
  answer(): Promise<string>
  close(): void
}

/** Makes a test app listen on a free port of this machine; `app.close()` ends it. */
export async function listen(app: TestApp): Promise<number> {
  await app.server.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.server.address()
  if (address === null || typeof address === 'string') throw new Error('listening on no port')
  return address.port
}

export async function openRawConnection(port: number): Promise<RawConnection> {
  const socket = await connected(port)
  let received = ''
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    received += text
  })
  // A connection cut off is an answer as well: `close` follows.
  socket.on('error', () => {})
  return {
    send: (text) => void socket.write(text),
    async answer() {
      await closed
      return received
    },
    close: () => void socket.destroy(),
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}
