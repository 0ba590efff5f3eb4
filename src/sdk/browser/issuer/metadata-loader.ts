import type { LoadMetadata } from '../../wire/metadata.ts'
import { once } from '../../wire/once.ts'
import type { SendDeps } from '../../wire/send.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'

/** Makes the loader of one issuer's metadata. */
export function createMetadataLoader(issuer: string, deps: SendDeps): LoadMetadata {
  return once(async () => (await loadProtocol()).loadMetadata(issuer, deps))
}
