import { useAuth } from '@portico/sdk/react'
import { useQuery } from '@tanstack/react-query'
import type { PublicProduct } from '../products.ts'

/** Prices in cents by product. */
export type MemberPrices = Record<string, number>

export function useProducts() {
  return useQuery({
    queryKey: ['products'],
    queryFn: ({ signal }) => readJson<PublicProduct[]>(fetch('/api/products', { signal })),
  })
}

/** Asked for members only, and kept under their name, so that nothing of one person is shown to the next. */
export function useMemberPrices() {
  const auth = useAuth()
  const isMember = auth.status === 'member'
  return useQuery({
    queryKey: ['member-prices', isMember ? auth.user.sub : ''],
    queryFn: ({ signal }) => readJson<MemberPrices>(auth.fetch('/api/member-prices', { signal })),
    enabled: isMember,
    gcTime: 0,
  })
}

async function readJson<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`)
  return response.json()
}
