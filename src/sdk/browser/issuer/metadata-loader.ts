import type { SendDeps } from '../../wire/send.ts'
import { loadProtocol } from '../protocol/load-protocol.ts'
import type { LoadMetadata } from './metadata.ts'

/** Makes the loader of one issuer's metadata, which loads it once; a failed attempt is not remembered. */
export function createMetadataLoader(issuer: string, deps: SendDeps): LoadMetadata {
  let loading: ReturnType<LoadMetadata> | undefined
  const load = async () => (await loadProtocol()).loadMetadata(issuer, deps)
  return () => {
    loading ??= load().catch((error) => {
      loading = undefined
      throw error
    })
    return loading
  }
}
