import type { AddressInfo } from 'node:net'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { aConfig } from '../../test/test-config.ts'
import { type Certificate, trustedCertificate } from './certificates.ts'
import { freePort, type Listening } from './listening.ts'
import { startTlsFront } from './tls-front.ts'

export type Scheme = 'http' | 'https'

/** The portal on a port of this machine, as a client from elsewhere meets it. */
export interface Portal {
  app: TestApp
  origin: string
  issuer: string
  /** Certificate of the authority that vouches for it, on https. */
  authority: string | undefined
  close(): Promise<void>
}

export async function startPortal(
  scheme: Scheme,
  clients: Record<string, unknown>[],
  tenant: Record<string, unknown> = {},
): Promise<Portal> {
  const port = await freePort()
  const origin = `${scheme}://localhost:${port}`
  const app = await startTestApp({ config: aConfig({ file: { origin }, tenant: { clients, ...tenant } }) })
  const certificate = scheme === 'https' ? await trustedCertificate() : undefined
  const front = await (certificate ? behindTls(app, port, certificate) : direct(app, port))
  return {
    app,
    origin,
    issuer: `${origin}/demo`,
    authority: certificate?.authority,
    async close() {
      await front.close()
      await app.close()
    },
  }
}

async function direct({ server }: TestApp, port: number): Promise<Listening> {
  await server.listen({ host: 'localhost', port })
  return { port, close: async () => {} }
}

async function behindTls({ server }: TestApp, port: number, certificate: Certificate): Promise<Listening> {
  await server.listen({ host: '127.0.0.1', port: 0 })
  return startTlsFront(certificate, port, (server.server.address() as AddressInfo).port)
}
