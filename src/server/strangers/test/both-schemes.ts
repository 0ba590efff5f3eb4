import { afterAll, beforeAll, describe } from 'vitest'
import { type Portal, type Scheme, startPortal } from './portal.ts'

/** Runs a block of tests against the portal on http and on https, with the clients it names. */
export function describeBothSchemes(
  title: string,
  clients: Record<string, unknown>[],
  block: (portal: () => Portal, scheme: Scheme) => void,
): void {
  describe.each(['http', 'https'] as const)(`${title} over %s`, (scheme) => {
    let running: Portal | undefined
    beforeAll(async () => {
      running = await startPortal(scheme, clients)
    })
    afterAll(() => running?.close())
    block(() => {
      if (!running) throw new Error('the portal runs inside tests and hooks only')
      return running
    }, scheme)
  })
}
