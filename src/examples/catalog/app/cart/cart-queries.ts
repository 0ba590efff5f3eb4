import { useAuth, useGuestUpgrade } from '@portico/sdk/react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { CartLine } from '../../carts.ts'
import { readJson } from '../queries.ts'

/** What a line of a cart is about. */
export type CartItem = Pick<CartLine, 'product' | 'color'>

const lateCheckMs = 15_000

/** As many of one thing as the shop sends. */
export const mostOfOne = 20

/** The lines of whoever is here, kept under their subject, so that nobody sees another's. */
export function useCartLines() {
  const { fetch } = useAuth()
  const owner = useOwner()
  const upgrade = useGuestUpgrade()
  return useQuery({
    queryKey: cartKey(owner),
    queryFn: ({ signal }) => readJson<CartLine[]>(fetch('/api/cart', { signal })),
    // Until the API has heard that this member was the guest, it would answer with an empty cart.
    enabled: owner !== undefined && upgrade !== 'pending',
    // It may hear later than anybody waits for.
    refetchInterval: upgrade === 'failed' ? lateCheckMs : false,
    gcTime: 0,
  })
}

/** Sets how many there are of something; shown at once, and taken back if the API refuses. */
export function useSetQuantity(item: CartItem) {
  const { fetch } = useAuth()
  const queries = useQueryClient()
  const key = cartKey(useOwner())
  return useMutation({
    // One after the other: each sets a number, and the last one counts.
    scope: { id: 'cart' },
    mutationFn: (quantity: number) => {
      const path = `/api/cart/${item.product}/${item.color}`
      // Kept alive, so that it arrives even if the page is left at once.
      const change = { method: 'PUT', body: JSON.stringify({ quantity }), keepalive: true }
      return readJson<CartLine[]>(fetch(path, change))
    },
    onMutate: async (quantity) => {
      await queries.cancelQueries({ queryKey: key })
      queries.setQueryData<CartLine[]>(key, (lines) => lines && withQuantity(lines, item, quantity))
    },
    onSuccess: (lines) => queries.setQueryData(key, lines),
    onError: () => queries.invalidateQueries({ queryKey: key }),
  })
}

/** Whether two name the same thing. */
export function isSameItem(a: CartItem, b: CartItem): boolean {
  return a.product === b.product && a.color === b.color
}

function withQuantity(lines: CartLine[], item: CartItem, quantity: number): CartLine[] {
  const others = lines.filter((line) => !isSameItem(line, item))
  return quantity === 0 ? others : [...others, { ...item, quantity }]
}

function useOwner(): string | undefined {
  const who = useAuth()
  if (who.status === 'member') return who.user.sub
  return who.status === 'guest' ? who.sub : undefined
}

function cartKey(owner: string | undefined) {
  return ['cart', owner ?? '']
}
