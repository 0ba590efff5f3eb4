import { queryOptions } from '@tanstack/react-query'
import { PageState } from '../../contract/page-state.ts'

/** The address answered with something other than a page state: the browser has to load it itself. */
export class PageUnreadable extends Error {}

/** The page at an address: a value the server owns, kept until it is asked for again. */
export function pageQuery(address: string) {
  return queryOptions({
    queryKey: ['page', address],
    queryFn: ({ signal }) => fetchPage(address, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
    retry: false,
  })
}

async function fetchPage(address: string, signal: AbortSignal): Promise<PageState> {
  const response = await fetch(address, {
    headers: { accept: 'application/json' },
    cache: 'no-store',
    // A redirect leads away from this page; only the browser itself can follow it.
    redirect: 'manual',
    signal,
  })
  const state = PageState.safeParse(await response.json().catch(() => undefined))
  if (!state.success) throw new PageUnreadable(`${address} answered ${response.status} without a page state`)
  return state.data
}
