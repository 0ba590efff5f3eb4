import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a server and its PostgreSQL, so that a test can take the database away. */
export interface PostgresProxy {
  /** The database's address through here. */
  url: string
  /** Cuts every connection and takes no new one. */
  stop(): Promise<void>
  start(): Promise<void>
}

export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl)
  const open = new Set<Socket>()
  const proxy = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [socket, other] of [[near, far] as const, [far, near] as const]) {
      open.add(socket)
      socket.pipe(other)
      // A cut connection is an error on one side; the other has to hear of it.
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
  })
  const listen = (port: number) => new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = proxy.address() as AddressInfo
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    stop: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
    start: () => listen(port),
  }
}
