import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'react-router'
import type { PageState } from '../../contract/page-state.ts'
import { pageQuery } from './page-query.ts'

/** What to show at the current address: what the server sent with the page, until a step or a new reading changes it. */
export function usePageState(initialState: PageState): PageState {
  return useQuery({ ...pageQuery(useAddress()), initialData: initialState }).data
}

/** Path and query of the page being shown. */
export function useAddress(): string {
  const { pathname, search } = useLocation()
  return pathname + search
}
