import type { Category } from '../products.ts'

/** Patterns of the shop's pages, each with the function that builds its link. */
export const paths = { shop: '/', product: '/products/:slug', cart: '/cart', callback: '/callback' } as const

export function shopPath(category?: Category): string {
  return category ? `/?category=${category}` : '/'
}

export function productPath(slug: string, color?: string): string {
  return color ? `/products/${slug}?color=${color}` : `/products/${slug}`
}
