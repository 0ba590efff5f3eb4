/** What both servers are told, so that they do the same work. */
export const AUDIENCE = 'https://api.bench.test'
export const REDIRECT_URI = 'http://localhost:3001/callback'

/** A public browser app. */
export const APP_ID = 'catalog'
/** An app that asks for passwords itself. */
export const OLD_APP_ID = 'mobile'
/** A server-side app. */
export const BACKEND = { id: 'orders', secret: 'orders-secret-0123456789abcdef' }

/** One person per connection, all with one password. */
export const PASSWORD = 'copper kettle at dawn'

export function personName(index: number): string {
  return `person${index}`
}
