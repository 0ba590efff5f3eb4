import type { SendDeps } from '../../wire/send.ts'
import type { Clock } from '../clock.ts'
import type { Nonces } from '../dpop/nonces.ts'
import type { LoadMetadata } from './metadata.ts'

/** What asking for tokens needs. */
export interface TokenDeps extends SendDeps {
  clientId: string
  loadMetadata: LoadMetadata
  clock: Clock
  nonces: Nonces
}
