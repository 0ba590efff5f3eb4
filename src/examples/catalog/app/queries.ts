import { useAuth } from '@portico/sdk/react'
import { type QueryClient, useQuery } from '@tanstack/react-query'
import type { PublicProduct } from '../products.ts'
import { auth } from './auth.ts'

/** Prices in cents by product. */
export type MemberPrices = Record<string, number>

/** For whoever is here, guest or member; the first call waits until somebody is. */
export function useProducts() {
  const { fetch } = useAuth()
  return useQuery({
    queryKey: ['products'],
    queryFn: ({ signal }) => readJson<PublicProduct[]>(fetch('/api/products', { signal })),
  })
}

/** Asked for members only, and kept under their name, so that nothing of one person is shown to the next. */
export function useMemberPrices() {
  const { fetch, ...who } = useAuth()
  const isMember = who.status === 'member'
  return useQuery({
    queryKey: ['member-prices', isMember ? who.user.sub : ''],
    queryFn: ({ signal }) => readJson<MemberPrices>(fetch('/api/member-prices', { signal })),
    enabled: isMember,
    gcTime: 0,
  })
}

/** What failed because there was no token is asked for again once there is one. */
export function retryWhenSomebodyIsHere(queries: QueryClient): void {
  auth.subscribe(() => {
    const { status } = auth.getState()
    if (status !== 'guest' && status !== 'member') return
    void queries.refetchQueries({ predicate: (query) => query.state.status === 'error' })
  })
}

export async function readJson<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`)
  return response.json()
}
