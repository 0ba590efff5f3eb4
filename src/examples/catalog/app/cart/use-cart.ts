import { useGuestUpgrade } from '@portico/sdk/react'
import { useState } from 'react'
import type { ProductColor, PublicProduct } from '../../products.ts'
import { useMemberPrices, useProducts } from '../queries.ts'
import { useCartLines } from './cart-queries.ts'

/** A line of the cart, as it is shown. */
export interface CartEntry {
  product: PublicProduct
  color: ProductColor
  quantity: number
  /** Cents for one, for members; undefined for everybody else. */
  memberPrice: number | undefined
}

/** The cart of whoever is here. */
export type Cart =
  | { status: 'loading' }
  /** The guest's things are on their way to the member they have become. */
  | { status: 'moving' }
  | { status: 'unavailable'; tryAgain: () => void }
  /** With `isLate`, the guest's things have not come yet, and may take a while. */
  | { status: 'ready'; entries: CartEntry[]; count: number; isLate: boolean }

/** Brings lines, products and prices together. */
export function useCart(): Cart {
  const upgrade = useGuestUpgrade()
  const products = useProducts()
  const memberPrices = useMemberPrices()
  const lines = useCartLines()
  const isMoving = useStaysUntil(upgrade === 'pending', lines.data !== undefined)
  if (isMoving) return { status: 'moving' }
  if (lines.isError) return { status: 'unavailable', tryAgain: () => void lines.refetch() }
  if (!lines.data || !products.data) return { status: 'loading' }
  const entries = products.data.flatMap((product) =>
    product.colors.flatMap((color) => {
      const line = lines.data.find((one) => one.product === product.slug && one.color === color.name)
      return line ? [{ product, color, quantity: line.quantity, memberPrice: memberPrices.data?.[product.slug] }] : []
    }),
  )
  const count = entries.reduce((sum, { quantity }) => sum + quantity, 0)
  return { status: 'ready', entries, count, isLate: upgrade === 'failed' }
}

/** What the entries cost, in cents, for whoever is here. */
export function totalOf(entries: readonly CartEntry[]): number {
  return entries.reduce((sum, { product, quantity, memberPrice }) => sum + (memberPrice ?? product.price) * quantity, 0)
}

/** Goes on being true after the cause has gone, until there is something else to show. */
function useStaysUntil(cause: boolean, isOver: boolean): boolean {
  const [stays, setStays] = useState(cause)
  if (cause && !stays) setStays(true)
  if (!cause && stays && isOver) setStays(false)
  return cause || (stays && !isOver)
}
