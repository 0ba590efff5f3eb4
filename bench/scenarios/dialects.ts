import { createDpopKey } from '../load/dpop-key.ts'
import { signIn } from '../load/sign-in.ts'
import { TokenClient, type Tokens } from '../load/token-client.ts'
import { APP_ID, PASSWORD, personName } from '../servers/parties.ts'
import type { User } from './scenario.ts'

/** How a server is spoken to: the same requests at other addresses. */
export interface Dialect {
  server: 'portico' | 'stock'
  tokenPath: string
  introspectionPath: string
  authorizePath: string
  interactionPath: string
  /** What a person sends on the sign-in pages, in order. */
  steps(index: number): Record<string, string>[]
}

export const portico: Dialect = {
  server: 'portico',
  tokenPath: '/demo/token',
  introspectionPath: '/demo/introspect',
  authorizePath: '/demo/authorize',
  interactionPath: '/demo/interaction/',
  steps: (index) => [{ step: 'sign-in', username: personName(index), password: PASSWORD }],
}

export const stock: Dialect = {
  server: 'stock',
  tokenPath: '/token',
  introspectionPath: '/token/introspection',
  authorizePath: '/auth',
  interactionPath: '/interaction/',
  // Its own sign-in pages take any password.
  steps: (index) => [{ prompt: 'login', login: personName(index), password: 'any' }, { prompt: 'consent' }],
}

export async function tokenClient(dialect: Dialect, user: User, { dpop = false } = {}): Promise<TokenClient> {
  return new TokenClient(user.connection, dialect.tokenPath, dpop ? await createDpopKey() : undefined)
}

/** Signs the user's person in at the browser app. */
export function signInAt(
  dialect: Dialect,
  { connection, index }: User,
  client: TokenClient,
  { drawsPages = false } = {},
): Promise<Tokens> {
  const redeem = (form: Record<string, string>) => client.request(form)
  return signIn(connection, { ...dialect, steps: dialect.steps(index), drawsPages }, { clientId: APP_ID, redeem })
}
