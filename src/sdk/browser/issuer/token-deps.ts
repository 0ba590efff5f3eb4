import type { Clock } from '../clock.ts'
import type { Nonces } from '../dpop/nonces.ts'
import type { LoadMetadata } from './metadata.ts'
import type { SendDeps } from './send.ts'

/** What asking for tokens needs. */
export interface TokenDeps extends SendDeps {
  clientId: string
  loadMetadata: LoadMetadata
  clock: Clock
  nonces: Nonces
}
