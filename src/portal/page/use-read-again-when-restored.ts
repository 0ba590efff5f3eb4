import { useQuery } from '@tanstack/react-query'
import type { PageState } from '../../contract/page-state.ts'
import { PageUnreadable, pageQuery } from './page-query.ts'
import { useAddress } from './use-page-state.ts'
import { useRestored } from './use-restored.ts'

/** A page that comes back from the browser's cache may be spent: asks its address what is true now. */
export function useReadAgainWhenRestored(initialState: PageState): void {
  const { refetch } = useQuery({ ...pageQuery(useAddress()), initialData: initialState })
  useRestored(() => {
    void refetch().then(({ error }) => {
      // Out of reach, the page stays: its form still works. Anything else the browser shows better than we do.
      if (error instanceof PageUnreadable) window.location.reload()
    })
  })
}
