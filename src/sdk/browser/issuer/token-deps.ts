import type { LoadMetadata } from '../../wire/metadata.ts'
import type { SendDeps } from '../../wire/send.ts'
import type { Clock } from '../clock.ts'
import type { Nonces } from '../dpop/nonces.ts'

/** What asking for tokens needs. */
export interface TokenDeps extends SendDeps {
  clientId: string
  loadMetadata: LoadMetadata
  clock: Clock
  nonces: Nonces
}
